namespace Assay.Streams.Tests.Examples;

public sealed class AggregateExamples : DocumentExamples
{
    [Fact]
    public void Count_counts()
    {
        // doc
        KTable<string, long> counts = lines.GroupByKey().Count(keptLongs);
        // end
        Assert.Equal("k=1@5 k=2@5", Results(counts, "lines k=a@5", "lines k=b@3"));
    }

    [Fact]
    public void Reduce_combines_values()
    {
        // doc
        KTable<string, string> longest = lines.GroupByKey().Reduce((longest, line) => line.Length > longest.Length ? line : longest, keptTexts);
        // end
        Assert.Equal("k=ab@1 k=ab@2 k=abc@3", Results(longest, "lines k=ab@1", "lines k=a@2", "lines k=abc@3"));
    }

    [Fact]
    public void Aggregate_adds_values_up()
    {
        // doc
        KTable<string, long> totals = lines.GroupByKey().Aggregate(() => 0L, (key, line, total) => total + line.Length, keptLongs with { Name = "totals" });
        // end
        Assert.Equal("k=2@1 k=3@2", Results(totals, "lines k=ab@1", "lines k=a@2"));
    }

    [Fact]
    public void GroupBy_groups_by_a_new_key()
    {
        // doc
        KTable<string, long> wordCounts = lines.FlatMapValues((key, line) => line.Split(' '))
            .GroupBy((key, word) => word, new Grouped<string, string>(Serdes.String, Serdes.String) { Name = "words" })
            .Count(keptLongs);
        // end
        Assert.Equal("to=1@1 be=1@1 to=2@2", Results(wordCounts, "lines k=to_be@1", "lines m=to@2"));
        Assert.Contains("(topic: words-repartition)", builder.Build().Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_grouped_table_adds_and_subtracts()
    {
        // doc
        KGroupedTable<string, string> byInitial = names.GroupBy(
            (key, name) => KeyValuePair.Create(name[..1], name), new Grouped<string, string>(Serdes.String, Serdes.String) { Name = "by-initial" });
        KTable<string, long> howMany = byInitial.Count(keptLongs);
        KTable<string, string> spelt = byInitial.Reduce((all, name) => all + name, (all, name) => all.Replace(name, ""), keptTexts);
        KTable<string, long> letters = byInitial.Aggregate(() => 0L, (key, name, total) => total + name.Length, (key, name, total) => total - name.Length, keptLongs);
        // end
        string[] input = ["names 1=Ann@1", "names 2=Al@2", "names 1=Bo@3", "names 2=-@4"];
        Assert.Equal("A=1@1 A=2@2 A=1@3 B=1@3 A=0@4", Results(howMany, input));
        spelt.ToStream().To("spelt", textsOut);
        Assert.Equal("A=Ann@1 A=AnnAl@2 A=Al@3 B=Bo@3 A=@4", Written("spelt", input));
        letters.MapValues((_, count) => $"{count}").ToStream().To("letters", textsOut);
        Assert.Equal("A=3@1 A=5@2 A=2@3 B=2@3 A=0@4", Written("letters", input));
    }
}
