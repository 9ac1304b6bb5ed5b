namespace Assay.Streams.Tests.Examples;

public sealed class JoinExamples : DocumentExamples
{
    [Fact]
    public void A_stream_looks_up_a_table()
    {
        // doc
        KStream<string, string> signed = lines.Join(names, (key, line, name) => $"{name}: {line}");
        KStream<string, string> attributed = lines.LeftJoin(names, (key, line, name) => $"{name ?? "somebody"}: {line}");
        // end
        attributed.To("attributed", textsOut);
        string[] input = ["lines 1=a@1", "names 1=Ann@3", "lines 1=b@2"];
        Assert.Equal("1=Ann: b@3", Results(signed, input));
        Assert.Equal("1=somebody: a@1 1=Ann: b@3", Written("attributed", input));
    }

    [Fact]
    public void A_stream_looks_up_a_versioned_table()
    {
        // doc
        KTable<string, string> prices = builder.Table("prices", texts, keptTexts with { HistoryRetention = TimeSpan.FromHours(1) });
        KStream<string, string> priced = lines.Join(prices, (key, line, price) => $"{line} at {price}");
        KStream<string, string> patient = lines.LeftJoin(
            prices, (key, line, price) => $"{line} at {price ?? "no price"}", new Joined<string, string>(Serdes.String, Serdes.String) { GracePeriod = TimeSpan.FromMinutes(1) });
        // end
        patient.To("patient", textsOut);
        string[] input = ["prices k=9@1000", "prices k=10@3000", "lines k=a@2000", "prices k=8@1500", "prices m=1@70000"];
        Assert.Equal("k=a at 9@2000", Results(priced, input));
        Assert.Equal("k=a at 8@2000", Written("patient", input));
    }

    [Fact]
    public void Two_streams_meet()
    {
        // doc
        KStream<string, string> replies = builder.Stream("replies", texts);
        StreamJoined<string, string, string> joined = new(Serdes.String, Serdes.String, Serdes.String);
        JoinWindows minute = JoinWindows.OfTimeDifferenceAndGrace(TimeSpan.FromMinutes(1), grace: TimeSpan.FromSeconds(10));
        KStream<string, string> talks = lines.Join(replies, (key, line, reply) => $"{line}: {reply}", minute, joined);
        KStream<string, string> questions = lines.LeftJoin(replies, (key, line, reply) => $"{line}: {reply ?? "no reply"}", minute, joined);
        KStream<string, string> all = lines.OuterJoin(replies, (key, line, reply) => $"{line ?? "unasked"}: {reply ?? "no reply"}", minute.Before(TimeSpan.Zero), joined);
        // end
        questions.To("questions", textsOut);
        all.To("all", textsOut);
        string[] input = ["replies k=early@1000", "lines k=a@2000", "replies k=b@3000", "lines k=c@200000", "lines m=tick@400000"];
        Assert.Equal("k=a: early@2000 k=a: b@3000", Results(talks, input));
        Assert.Equal("k=a: early@2000 k=a: b@3000 k=c: no reply@200000", Written("questions", input));
        Assert.Equal("k=a: b@3000 k=unasked: early@1000 k=c: no reply@200000", Written("all", input));
    }

    [Fact]
    public void Windows_of_joins()
    {
        // doc
        JoinWindows strict = JoinWindows.OfTimeDifferenceWithNoGrace(TimeSpan.FromMinutes(1));
        JoinWindows soonAfter = strict.Before(TimeSpan.Zero).After(TimeSpan.FromSeconds(10));
        // end
        Assert.Equal((0, 10_000, 0), (soonAfter.BeforeMs, soonAfter.AfterMs, soonAfter.GraceMs));
    }

    [Fact]
    public void Two_tables_meet()
    {
        // doc
        KTable<string, string> cities = builder.Table("cities", texts);
        KTable<string, string> known = names.Join(cities, (key, name, city) => $"{name} in {city}");
        KTable<string, string> people = names.LeftJoin(cities, (key, name, city) => $"{name} in {city ?? "no city"}");
        KTable<string, string> dwellers = names.OuterJoin(cities, (key, name, city) => $"{name ?? "nobody"} in {city ?? "no city"}", keptTexts with { Name = "dwellers" });
        // end
        people.ToStream().To("people", textsOut);
        dwellers.ToStream().To("dwellers", textsOut);
        string[] input = ["cities 1=Ulm@1", "names 1=Ann@2", "cities 1=-@3"];
        Assert.Equal("1=Ann in Ulm@2 1=-@3", Results(known, input));
        Assert.Equal("1=Ann in Ulm@2 1=Ann in no city@3", Written("people", input));
        Assert.Equal("1=nobody in Ulm@1 1=Ann in Ulm@2 1=Ann in no city@3", Written("dwellers", input));
    }
}
