using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Assay.Schemas;
using Assay.Sink.Internal;
using Confluent.Kafka;
using Npgsql;

namespace Assay.Sink.Bench;

/// <summary>The same rows by the sink and by <c>\copy</c>, in turns, each into the emptied table with its indexes.</summary>
/// <remarks>
/// The sink's time is that of <see cref="DatabaseWriter"/> for batches as its session makes them, commits included; consuming and decoding are not in it, nor is making the rows.
/// <c>\copy</c>'s is that of a psql process, one statement, one commit. A checkpoint before each run lets none pay for the other's pages.
/// </remarks>
internal sealed class Comparison(Scratch scratch, int rows, int runs, int batchRows)
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly string[] Pairs = ["ETH-USD", "BTC-USD", "LINK-USD"];
    private static readonly TopicPartition Partition = new(Topics.Apis, 0);

    /// <summary>One line of JSON: rows a second of either (each run and the median), and their ratio.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        string csv = Path.Combine(Path.GetTempPath(), $"assay-bench-{Guid.NewGuid():N}.csv");
        try
        {
            await WriteCsvAsync(csv, cancellationToken);
            List<double> sink = [], copy = [];
            for (int run = 0; run < runs; run++)
            {
                sink.Add(rows / await MeasureAsync(SinkAsync, cancellationToken));
                copy.Add(rows / await MeasureAsync(token => CopyAsync(csv, token), cancellationToken));
            }
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"rows\":{rows},\"batch\":{batchRows},\"timescale\":{(scratch.Timescale ? "true" : "false")},\"sink_rows_per_s\":{Median(sink):0},\"copy_rows_per_s\":{Median(copy):0}," +
                $"\"ratio\":{Median(sink) / Median(copy):0.000},\"sink_runs\":[{Listed(sink)}],\"copy_runs\":[{Listed(copy)}]}}");
        }
        finally
        {
            File.Delete(csv);
        }
    }

    /// <returns>Seconds.</returns>
    private async Task<double> MeasureAsync(Func<CancellationToken, Task<TimeSpan>> run, CancellationToken cancellationToken)
    {
        await scratch.RunAsync("TRUNCATE api_price, sink_offset", cancellationToken);
        await scratch.RunAsync("CHECKPOINT", cancellationToken);
        TimeSpan elapsed = await run(cancellationToken);
        if (await scratch.CountAsync(cancellationToken) is var found && found != rows)
            throw new UserException($"The run stored {found} rows instead of {rows}.");
        return elapsed.TotalSeconds;
    }

    private async Task<TimeSpan> SinkAsync(CancellationToken cancellationToken)
    {
        await using DatabaseWriter writer = new(scratch.ConnectionString, "bench");
        Dictionary<TopicPartition, Claim> claims = await writer.ClaimAsync([Partition], cancellationToken);
        Stopwatch elapsed = new();
        for (int first = 0; first < rows; first += batchRows)
        {
            Entry[] batch = [.. Enumerable.Range(first, Math.Min(batchRows, rows - first)).Select(number => new Entry(Partition, number, Quote(number), null, null))];
            elapsed.Start();
            await writer.WriteAsync(batch, claims, cancellationToken);
            elapsed.Stop();
        }
        return elapsed.Elapsed;
    }

    private async Task<TimeSpan> CopyAsync(string csv, CancellationToken cancellationToken)
    {
        NpgsqlConnectionStringBuilder server = new(scratch.ConnectionString);
        ProcessStartInfo start = new("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", $"\\copy api_price from '{csv}' with (format csv)"])
        {
            RedirectStandardError = true,
            Environment =
            {
                ["PGHOST"] = server.Host,
                ["PGPORT"] = server.Port.ToString(CultureInfo.InvariantCulture),
                ["PGUSER"] = server.Username,
                ["PGPASSWORD"] = server.Password,
                ["PGDATABASE"] = server.Database,
            },
        };
        Stopwatch elapsed = Stopwatch.StartNew();
        try
        {
            using Process psql = Process.Start(start)!;
            string error = await psql.StandardError.ReadToEndAsync(cancellationToken);
            await psql.WaitForExitAsync(cancellationToken);
            return psql.ExitCode == 0 ? elapsed.Elapsed : throw new UserException($"psql's \\copy failed: {error.Trim()}");
        }
        catch (Win32Exception failure)
        {
            throw new UserException("psql is not on this machine: install PostgreSQL's client, e.g. apt-get install postgresql-client.", failure);
        }
    }

    private async Task WriteCsvAsync(string path, CancellationToken cancellationToken)
    {
        await using StreamWriter file = new(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        for (int number = 0; number < rows; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ApiPrice quote = Quote(number);
            string @event = EventJson.Of(quote).Replace("\"", "\"\"", StringComparison.Ordinal);
            await file.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"\"{@event}\",{quote.ObservedAt:yyyy-MM-dd HH:mm:ss.fff}Z,{quote.Pair},{quote.Source},{quote.EventType},{Decimals.Normalise(quote.Price)},{quote.QuotedAt:yyyy-MM-dd HH:mm:ss.fff}Z,0,{number}"));
        }
    }

    /// <summary>As CoinGecko answers for three coins: one row for each, three rows every two seconds.</summary>
    private static ApiPrice Quote(int number)
    {
        decimal price = 1_600 + number * 7_919L % 20_000 / 100m;
        DateTime at = Start.AddMilliseconds(number / 3 * 2_000L);
        long updated = new DateTimeOffset(at).ToUnixTimeSeconds() - 30;
        return new ApiPrice
        {
            Pair = Pairs[number % 3],
            Source = "coingecko",
            EventType = "cg",
            Price = price,
            QuotedAt = at.AddSeconds(-30),
            ObservedAt = at,
            Event = string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"bitcoin\":{{\"usd\":{price * 17},\"last_updated_at\":{updated}}},\"chainlink\":{{\"usd\":{price / 250:0.000000},\"last_updated_at\":{updated}}},\"ethereum\":{{\"usd\":{price},\"last_updated_at\":{updated}}}}}"),
        };
    }

    private static double Median(List<double> values)
    {
        double[] ordered = [.. values.Order()];
        return (ordered[(ordered.Length - 1) / 2] + ordered[ordered.Length / 2]) / 2;
    }

    private static string Listed(IEnumerable<double> values) => string.Join(',', values.Select(value => value.ToString("0", CultureInfo.InvariantCulture)));
}
