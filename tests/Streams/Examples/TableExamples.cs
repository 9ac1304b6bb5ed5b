namespace Assay.Streams.Tests.Examples;

public sealed class TableExamples : DocumentExamples
{
    [Fact]
    public void Filter_keeps_and_FilterNot_deletes()
    {
        // doc
        KTable<string, string> longNames = names.Filter((key, name) => name.Length > 2);
        KTable<string, string> people = longNames.FilterNot((key, name) => name == "nobody", keptTexts with { Name = "people" });
        // end
        Assert.Equal("1=Ann@1 1=-@2", Results(people, "names 1=Ann@1", "names 1=Al@2", "names 2=nobody@3"));
    }

    [Fact]
    public void MapValues_maps_the_values()
    {
        // doc
        KTable<string, string> loud = names.MapValues((key, name) => name.ToUpperInvariant(), keptTexts with { Name = "loud-names" });
        // end
        Assert.Equal("1=ANN@1 1=-@2", Results(loud, "names 1=Ann@1", "names 1=-@2"));
    }

    [Fact]
    public void ToStream_gives_the_changes()
    {
        // doc
        KStream<string, string> changes = names.ToStream();
        KStream<string, string> byLength = names.ToStream((key, name) => $"{name?.Length ?? 0}");
        // end
        byLength.To("lengths", textsOut);
        Assert.Equal("1=Ann@1 1=-@2", Results(changes, "names 1=Ann@1", "names 1=-@2"));
        Assert.Equal("3=Ann@1", Written("lengths", "names 1=Ann@1"));
    }

    [Fact]
    public void A_table_of_numbers_is_filtered_as_nullable_ones()
    {
        // doc
        KTable<string, long?> repeated = lines.GroupByKey().Count(keptLongs).MapValues((key, count) => (long?)count).Filter((key, count) => count > 1);
        repeated.ToStream().To("repeated", new Produced<string, long?>(Serdes.String, Serdes.Nullable(Serdes.Long)));
        // end
        Assert.Equal("k=2@2", Results(repeated, "lines k=a@1", "lines k=b@2"));
    }

    [Fact]
    public void Suppress_holds_updates_back()
    {
        // doc
        KTable<string, string> calm = names.Suppress(Suppressed.UntilTimeLimit(TimeSpan.FromSeconds(10), BufferConfig.MaxRecords(10_000).EmitEarlyWhenFull()));
        // end
        Assert.Equal("1=Al@2000", Results(calm, "names 1=Ann@1000", "names 1=Al@2000", "names 2=Bo@11000"));
    }

    [Fact]
    public void Buffers_have_limits()
    {
        // doc
        BufferConfig memory = BufferConfig.Unbounded();
        BufferConfig small = BufferConfig.MaxBytes(1_000_000).WithMaxRecords(1_000).ShutDownWhenFull();
        BufferConfig brief = BufferConfig.Unbounded().WithMaxBytes(1_000_000).WithLoggingDisabled();
        // end
        Assert.Equal(3, new[] { memory, small, brief }.Distinct().Count());
    }
}
