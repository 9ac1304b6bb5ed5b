using Assay.Demo.Market;
using Npgsql;

namespace Assay.Chaos.Tests.Demo;

/// <summary>Compares the responses that the market served with the rows of <c>api_price</c>.</summary>
/// <remarks>
/// A response may lack where its client cannot have got it: it was under way when the connection or the market broke, or the client itself was stopped, frozen or killed. And where the client was
/// killed before Kafka had acknowledged it: then it is among the last of its pair that this process read, and no older than two seconds, or than the trouble with Kafka that the kill ended.
/// </remarks>
internal sealed class ServedQuotes(Stage stage, Incidents incidents)
{
    /// <summary>How long a response may be under way, on a busy machine.</summary>
    private static readonly TimeSpan UnderWay = TimeSpan.FromSeconds(0.5);
    /// <summary>How long it may take to be acknowledged while Kafka is there.</summary>
    private static readonly TimeSpan Unacknowledged = TimeSpan.FromSeconds(2);
    /// <summary>After trouble with Kafka, its clients' pauses.</summary>
    private static readonly TimeSpan Healing = TimeSpan.FromSeconds(8);

    /// <summary>How many quotes lack that nobody can have stored, of the last comparison.</summary>
    public int Excused { get; private set; }

    /// <summary>How many quotes were compared.</summary>
    public int Compared { get; private set; }

    public async Task<IReadOnlyList<string>> DifferencesAsync(NpgsqlConnection connection)
    {
        ILookup<(string Event, string Pair), DateTimeOffset> stored = await StoredAsync(connection);
        Dictionary<string, DateTimeOffset[]> ofPair = stored.GroupBy(row => row.Key.Pair).ToDictionary(rows => rows.Key, rows => rows.SelectMany(row => row).Order().ToArray());
        ILookup<(string Event, string Pair), DateTimeOffset> served = await ServedAsync(connection);
        List<string> differences = [];
        (Compared, Excused) = (served.Sum(quotes => quotes.Count()), 0);
        foreach (IGrouping<(string Event, string Pair), DateTimeOffset> quotes in served)
        {
            int rows = stored[quotes.Key].Count(), responses = quotes.Count();
            if (rows > responses)
                differences.Add($"stored {rows} times, served {responses} times: {Shown(quotes)}; observed {string.Join(", ", stored[quotes.Key].Select(Time))}");
            if (rows >= responses)
                continue;
            int excused = Math.Min(responses - rows, quotes.Count(at => IsExcused(at, ofPair.GetValueOrDefault(quotes.Key.Pair, []))));
            Excused += excused;
            if (excused < responses - rows)
                differences.Add($"served {responses} times, stored {rows} times: {Shown(quotes)}");
        }
        differences.AddRange(stored.Where(rows => !served.Contains(rows.Key)).Select(rows => $"stored, never served: {Shown(rows)}"));
        return differences;
    }

    private bool IsExcused(DateTimeOffset at, DateTimeOffset[] storedOfPair)
    {
        IReadOnlyList<Interruption> client = stage.Apis.Interruptions;
        if (client.Concat(incidents.Market).Any(time => at > time.From - UnderWay && at < time.To + UnderWay))
            return true;
        // The process that read it; while it runs there is no excuse.
        if (client.FirstOrDefault(time => time.Kind != InterruptionKind.Frozen && time.To > at) is not { } end)
            return false;
        DateTimeOffset since = end.From - (end.Kind == InterruptionKind.Killed ? Unacknowledged : TimeSpan.Zero);
        foreach (Interruption trouble in incidents.Kafka.Concat(stage.Broker.Interruptions).Where(time => time.From < end.From).OrderByDescending(time => time.From))
        {
            if (trouble.To + Healing > since && trouble.From - UnderWay < since)
                since = trouble.From - UnderWay;
        }
        return at > since && !storedOfPair.Any(row => row > at + UnderWay && row < end.From);
    }

    private static async Task<ILookup<(string Event, string Pair), DateTimeOffset>> StoredAsync(NpgsqlConnection connection)
    {
        await using NpgsqlCommand command = new("SELECT event::text, pair, updated_at FROM api_price", connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        List<(string Event, string Pair, DateTimeOffset At)> rows = [];
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            rows.Add((reader.GetString(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2)));
        return rows.ToLookup(row => (row.Event, row.Pair), row => row.At);
    }

    /// <summary>The responses in the table's words: the database writes them as it writes its own.</summary>
    private async Task<ILookup<(string Event, string Pair), DateTimeOffset>> ServedAsync(NpgsqlConnection connection)
    {
        ServedResponse[] responses = [.. stage.Served.Where(response => response.Status == 200)];
        await using NpgsqlCommand command = new(
            "SELECT (body::jsonb || jsonb_build_object('event_type', type))::text FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS served (body, type, number) ORDER BY number", connection)
        {
            Parameters = { new() { Value = responses.Select(response => response.Body).ToArray() }, new() { Value = responses.Select(response => MarketSources.Quotes(response).Type).ToArray() } },
        };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        List<(string Event, string Pair, DateTimeOffset At)> quotes = [];
        foreach (ServedResponse response in responses)
        {
            await reader.ReadAsync(TestContext.Current.CancellationToken);
            string written = reader.GetString(0);
            quotes.AddRange(MarketSources.Quotes(response).Pairs.Select(pair => (written, pair, new DateTimeOffset(response.At, TimeSpan.Zero))));
        }
        return quotes.ToLookup(quote => (quote.Event, quote.Pair), quote => quote.At);
    }

    private static string Shown(IGrouping<(string Event, string Pair), DateTimeOffset> quotes) => $"{quotes.Key.Pair} at {string.Join(", ", quotes.Select(Time))}: {quotes.Key.Event}";

    private static string Time(DateTimeOffset at) => $"{at:HH:mm:ss.fff}";
}
