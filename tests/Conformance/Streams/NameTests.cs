namespace Assay.Conformance.Tests.Streams;

/// <summary>Descriptions beside Kafka Streams': names of nodes, stores and topics, and which nodes run together. The other scenarios compare theirs too.</summary>
public sealed class NameTests(KafkaStreamsProcess kafkaStreams)
{
    private static readonly string[] Sources = ["a = stream left", "b = stream right", "t = table table store=kept"];

    [Theory]
    [InlineData("j = join a b size=5 grace=1 name=met|to j out")]
    [InlineData("j = join a b size=5 grace=1 store=both|to j out")]
    [InlineData("j = leftJoin a b size=5 grace=1 name=met store=both|to j out")]
    [InlineData("j = outerJoin a b size=5 grace=1 name=met|k = leftJoin j b size=3 grace=2|to k out")]
    [InlineData("j = outerJoin a b size=5 grace=1 store=both|to j out")]
    [InlineData("j = join a a size=5 grace=1|to j out")]
    [InlineData("k = selectKey a|j = join k b size=5 grace=1|to j out")]
    [InlineData("k = selectKey a|l = selectKey b|j = outerJoin k l size=5 grace=1 name=met|to j out")]
    [InlineData("k = selectKey a|j = join k t|to j out")]
    [InlineData("k = selectKey a|v = mapValues k tag=x|j = leftJoin v t name=looked|i = join v t|to j out|to i other")]
    [InlineData("j = join a t name=looked|to j out")]
    [InlineData("k = map a|g = groupByKey k|c = count g|d = reduce g store=mine")]
    [InlineData("k = map a|g = groupByKey k name=put|c = count g|w = windows g size=5 grace=1|d = aggregate w|o = toStream d|to o out")]
    [InlineData("g = groupBy a|w = sliding g size=5 grace=1|d = reduce w|u = suppress d|o = toStream u|to o out")]
    [InlineData("g = groupBy a name=put|w = sessions g size=5 grace=1|d = count w|o = toStream d|to o out")]
    [InlineData("g = groupBy t|c = count g|d = reduce g store=mine|o = toStream c|to o out")]
    [InlineData("g = groupBy t name=put|c = count g|d = aggregate g|o = toStream d|to o out")]
    [InlineData("u = table other store=kept2|j = outerJoin t u|k = leftJoin j t store=joined|l = mapValues k tag=x store=mapped|f = filter l has=a|o = toStream f|to o out")]
    [InlineData("r = repartition a|s = repartition r name=named|m = merge s b|to m out")]
    [InlineData("split a x y name=ways|m = merge a.1 a.2|to m out|to a.0 rest")]
    [InlineData("split a x|k = selectKey a.1|u = toTable k store=made|j = join b u|to j out")]
    [InlineData("p = process a interval=10|q = flatMap p|v = flatMapValues q|g = groupByKey v|c = reduce g store=mine|u = suppress c limit=10|o = toStream u|to o out")]
    public async Task Topologies_are_described_the_same(string lines)
    {
        string[] topology = [.. Sources, .. lines.Split('|')];

        Answer theirs = await kafkaStreams.AskAsync(topology, []);
        Answer ours = OurStreams.Ask(topology, []);

        Comparison.AssertSame(Comparison.Sorted(theirs.Description), Comparison.Sorted(ours.Description), string.Join('\n', topology) + "\n");
    }
}
