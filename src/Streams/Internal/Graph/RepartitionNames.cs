using System.Text.RegularExpressions;

namespace Assay.Streams.Internal.Graph;

/// <summary>How a repartition topic and the nodes around it are called.</summary>
/// <param name="Topic">Without the application id.</param>
/// <param name="Sink">The node that writes it.</param>
/// <param name="Filter">The node before the sink; null where there is none.</param>
/// <param name="Source">The node that reads it.</param>
internal sealed partial record RepartitionNames(string Topic, string Sink, string? Filter, string Source)
{
    public const string Suffix = "-repartition";

    /// <summary>A stream's: three numbers are taken in any case, but a name that someone chose shows in the nodes.</summary>
    public static RepartitionNames OfStream(string prefix, StreamsBuilder builder)
    {
        RepartitionNames counted = new(
            WithSuffix(prefix), builder.NodeName("KSTREAM-SINK-"), builder.NodeName("KSTREAM-FILTER-"), builder.NodeName("KSTREAM-SOURCE-"));
        return Generated().IsMatch(prefix)
            ? counted
            : counted with { Sink = counted.Topic + "-sink", Filter = counted.Topic + "-filter", Source = counted.Topic + "-source" };
    }

    private static string WithSuffix(string prefix) => prefix.EndsWith(Suffix, StringComparison.Ordinal) ? prefix : prefix + Suffix;

    [GeneratedRegex(@"^KSTREAM.*-[0-9]{10}$")]
    private static partial Regex Generated();
}
