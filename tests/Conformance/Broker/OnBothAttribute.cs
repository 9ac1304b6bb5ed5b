using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Assay.Conformance.Tests.Broker;

/// <summary>
/// Runs a theory on our broker and, where KAFKA_HOME names one, on Apache Kafka: an expectation that it does not meet is a wrong expectation. That it is not
/// there is said once, by <see cref="VersionTests"/>, not by every case.
/// </summary>
/// <param name="arguments">The theory's further arguments; the attribute stands once for each case.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class OnBothAttribute(params object?[] arguments) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        Target[] targets = Clusters.ApacheIsThere ? [Target.Assay, Target.ApacheKafka] : [Target.Assay];
        return new([.. targets.Select(target => new TheoryDataRow([target, .. arguments]))]);
    }

    public override bool SupportsDiscoveryEnumeration() => true;
}

/// <summary>As <see cref="OnBothAttribute"/>, with each of the names that a property of the test's class holds.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnBothWithAttribute(string property) : DataAttribute
{
    public override async ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        List<ITheoryDataRow> rows = [];
        foreach (string name in (IEnumerable<string>)testMethod.DeclaringType!.GetProperty(property)!.GetValue(null)!)
            rows.AddRange(await new OnBothAttribute(name).GetData(testMethod, disposalTracker));
        return rows;
    }

    public override bool SupportsDiscoveryEnumeration() => true;
}
