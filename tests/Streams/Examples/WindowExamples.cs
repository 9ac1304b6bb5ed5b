namespace Assay.Streams.Tests.Examples;

public sealed class WindowExamples : DocumentExamples
{
    [Fact]
    public void Tumbling_windows()
    {
        // doc
        TimeWindows minutes = TimeWindows.OfSizeWithNoGrace(TimeSpan.FromMinutes(1));
        KTable<Windowed<string>, long> perMinute = lines.GroupByKey().WindowedBy(minutes).Count(keptLongs);
        // end
        Assert.Equal("k[0,60000]=1@5 k[0,60000]=2@59999 k[60000,120000]=1@60000", Results(perMinute, "lines k=a@5", "lines k=b@59999", "lines k=c@60000", "lines k=late@1"));
    }

    [Fact]
    public void Hopping_windows()
    {
        // doc
        TimeWindows hopping = TimeWindows.OfSizeAndGrace(TimeSpan.FromMinutes(2), grace: TimeSpan.FromSeconds(10)).AdvanceBy(TimeSpan.FromMinutes(1));
        KTable<Windowed<string>, string> first = lines.GroupByKey().WindowedBy(hopping).Reduce((first, line) => first, keptTexts with { Retention = TimeSpan.FromHours(1) });
        // end
        Assert.Equal("k[0,120000]=a@60000 k[60000,180000]=a@60000", Results(first, "lines k=a@60000"));
    }

    [Fact]
    public void Results_once_per_window()
    {
        // doc
        ISerde<Windowed<string>> minuteKeys = Serdes.TimeWindowed(Serdes.String, TimeSpan.FromMinutes(1));
        lines.GroupByKey().WindowedBy(TimeWindows.OfSizeAndGrace(TimeSpan.FromMinutes(1), grace: TimeSpan.FromSeconds(10))).EmitStrategy(EmitStrategy.OnWindowClose)
            .Aggregate(() => 0L, (key, line, total) => total + line.Length, keptLongs)
            .ToStream().To("totals", new Produced<Windowed<string>, long>(minuteKeys, Serdes.Long));
        // end
        using Testing.TopologyTestDriver driver = new(builder.Build());
        Testing.TestInputTopic<string, string> input = driver.CreateInputTopic("lines", Serdes.String, Serdes.String);
        input.PipeInput("k", "ab", 1);
        input.PipeInput("k", "abc", 69_999);
        input.PipeInput("k", "a", 2);
        input.PipeInput("k", "abcd", 70_000);
        Assert.Equal(
            new Record<Windowed<string>, long>(new Windowed<string>("k", new TimeWindow(0, 60_000)), 3, 2),
            Assert.Single(driver.CreateOutputTopic("totals", minuteKeys, Serdes.Long).ReadRecordsToList()) with { Timestamp = 2 });
    }

    [Fact]
    public void Sliding_windows()
    {
        // doc
        SlidingWindows near = SlidingWindows.OfTimeDifferenceAndGrace(TimeSpan.FromSeconds(10), grace: TimeSpan.FromSeconds(5));
        KTable<Windowed<string>, long> together = lines.GroupByKey().WindowedBy(near).Count(keptLongs);
        // end
        Assert.Equal(
            "k[10000,20000]=1@20000 k[20001,30001]=1@25000 k[15000,25000]=2@25000",
            Results(together, "lines k=a@20000", "lines k=b@25000"));
        Assert.Equal(10_000, SlidingWindows.OfTimeDifferenceWithNoGrace(TimeSpan.FromSeconds(10)).TimeDifference);
    }

    [Fact]
    public void Sessions()
    {
        // doc
        SessionWindows visits = SessionWindows.OfInactivityGapAndGrace(TimeSpan.FromMinutes(5), grace: TimeSpan.FromMinutes(1));
        SessionWindowedKStream<string, string> visited = lines.GroupByKey().WindowedBy(visits);
        KTable<Windowed<string>, long?> lengths = visited.Count(keptLongs);
        KTable<Windowed<string>, string> said = visited.Reduce((earlier, line) => earlier + line, keptTexts);
        KTable<Windowed<string>, string> last = visited.EmitStrategy(EmitStrategy.OnWindowClose)
            .Aggregate(() => "", (key, line, sofar) => line, (key, one, other) => other, keptTexts);
        ISerde<Windowed<string>> visitKeys = Serdes.SessionWindowed(Serdes.String);
        // end
        string[] input = ["lines k=a@0", "lines k=b@350000", "lines k=c@200000", "lines m=x@900000"];
        Assert.Equal(
            "k[0,0]=1@0 k[350000,350000]=1@350000 k[0,0]=-@0 k[350000,350000]=-@350000 k[0,350000]=3@350000 m[900000,900000]=1@900000", Results(lengths, input));
        said.ToStream((key, _) => $"{key.Window.Start}-{key.Window.End}").To("said", textsOut);
        Assert.Equal("0-0=a@0 350000-350000=b@350000 0-0=@0 350000-350000=@350000 0-350000=abc@350000 900000-900000=x@900000", Written("said", input));
        last.ToStream((key, _) => $"{key.Window.Start}-{key.Window.End}").To("last", textsOut);
        Assert.Equal("0-350000=c@350000", Written("last", input));
        Assert.NotNull(visitKeys);
    }

    [Fact]
    public void Sessions_and_sliding_windows_without_grace()
    {
        // doc
        SessionWindows strict = SessionWindows.OfInactivityGapWithNoGrace(TimeSpan.FromMinutes(5));
        SlidingWindows strictNear = SlidingWindows.OfTimeDifferenceWithNoGrace(TimeSpan.FromSeconds(10));
        // end
        Assert.Equal(0, strict.Grace + strictNear.Grace);
    }

    [Fact]
    public void Final_results_by_suppression()
    {
        // doc
        KTable<Windowed<string>, long> final = lines.GroupByKey().WindowedBy(TimeWindows.OfSizeWithNoGrace(TimeSpan.FromMinutes(1))).Count(keptLongs)
            .Suppress(Suppressed.UntilWindowCloses(BufferConfig.Unbounded()) with { Name = "final" });
        // end
        Assert.Equal("k[0,60000]=2@2", Results(final, "lines k=a@1", "lines k=b@2", "lines m=c@60000"));
    }
}
