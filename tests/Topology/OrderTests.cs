using Assay.Schemas;
using Assay.Topology.Tests.Harness;

namespace Assay.Topology.Tests;

/// <summary>Semantics: The one rule; whatever the order of arrival, the partitions, the instances and their crashes, the latest revisions are those of the naive model.</summary>
public sealed class OrderTests
{
    private const int Cases = 10_000;

    [Fact]
    public void Latest_revisions_are_the_pure_function_of_the_inputs_in_any_order_over_partitions_instances_and_crashes()
    {
        int first = int.TryParse(Environment.GetEnvironmentVariable("ASSAY_TEST_SEED"), out int given) ? given : Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"ASSAY_TEST_SEED={first}");
        int records = 0;
        Parallel.For(0, Cases, new ParallelOptions { CancellationToken = TestContext.Current.CancellationToken }, number =>
        {
            int seed = unchecked(first + number);
            try
            {
                Interlocked.Add(ref records, Run(seed));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"ASSAY_TEST_SEED={seed} begins with this case: {failure.Message}", failure);
            }
        });
        // A generator that draws nothing would prove nothing.
        Assert.True(records > Cases * 10, $"{records} records in {Cases} cases");
    }

    private static int Run(int seed)
    {
        RandomCase given = new(seed);
        ClusterUnderTest cluster = new(given, new Random(seed));
        cluster.Run(given.End);
        List<Accuracy> emitted = [.. cluster.Emitted];
        Comparison.AssertRevisions(emitted);
        return Comparison.AssertLatest(NaiveModel.Compute(given.Options, given.Quotes, given.Messages), emitted, $"seed {seed}");
    }
}
