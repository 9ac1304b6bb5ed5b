using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Assay.Ingest.Contracts;
using Assay.Schemas;

namespace Assay.Cli.Replay;

/// <summary>Reads the two files of a recording.</summary>
/// <remarks>
/// Answers: <c>pair,round_id,answer,updated_at</c> and, if wanted, <c>feed,proxy,decimals,block_number,block_hash,log_index,removed,observed_at</c>.
/// Quotes: <c>pair,price,time</c> and, if wanted, <c>source,quoted_at</c>. The columns stand in any order; others are left alone.
/// <para>Who has no block hashes gets invented ones, the same for the same row: <c>0x</c>, "replay" in ASCII, and a digest of what names the answer.</para>
/// </remarks>
internal sealed class RecordingReader(IReadOnlyList<FeedOptions> feeds, IReadOnlyDictionary<string, long> chainIds, FaultReport faults, Action<string> say, Progress progress)
{
    private const int LinesPerLook = 4_096;
    private const int UsualDecimals = 8;
    private const int MostDecimals = 255;
    private const long MainNetwork = 1;

    private static readonly string[] AnswerColumns =
        ["pair", "round_id", "answer", "updated_at", "feed", "proxy", "decimals", "block_number", "block_hash", "log_index", "removed", "observed_at"];

    private static readonly string[] QuoteColumns = ["pair", "price", "time", "source", "quoted_at"];

    /// <summary>0x and 64 hexadecimal digits that say in ASCII where they come from.</summary>
    public static string InventedHash(string of)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(of), hash);
        "replay"u8.CopyTo(hash);
        return $"0x{Convert.ToHexStringLower(hash)}";
    }

    /// <exception cref="UserException">A file cannot be read or lacks a column; a line is malformed, if that is to end the work.</exception>
    public Recording Read(string answers, string quotes, CancellationToken cancellationToken)
    {
        Recording recording = new();
        ReadAnswers(answers, recording, cancellationToken);
        ReadQuotes(quotes, recording, cancellationToken);
        return recording;
    }

    private void ReadQuotes(string path, Recording recording, CancellationToken cancellationToken)
    {
        using CsvReader csv = Open(path, QuoteColumns);
        (int pair, int price, int time) = (csv.RequiredColumn("pair"), csv.RequiredColumn("price"), csv.RequiredColumn("time"));
        (int source, int quotedAt) = (csv.Column("source"), csv.Column("quoted_at"));
        while (csv.Read(out string? fault))
        {
            Look(csv, cancellationToken);
            decimal amount = 0;
            long observed = 0, quoted = long.MinValue;
            fault ??= csv.Field(pair).IsEmpty ? "pair is empty"
                : !FieldParsers.TryPrice(csv.Field(price), out amount) ? $"price '{csv.Field(price)}' is not a number"
                : !FieldParsers.TryTime(csv.Field(time), out observed) ? NoTime("time", csv.Field(time))
                : !csv.Field(quotedAt).IsEmpty && !FieldParsers.TryTime(csv.Field(quotedAt), out quoted) ? NoTime("quoted_at", csv.Field(quotedAt))
                : null;
            if (fault is not null)
                faults.Add(path, csv.Line, fault);
            else
                recording.Quotes.Add(new RecordedQuote(observed, quoted, amount, recording.NumberOf(csv.Field(pair)), recording.NumberOf(csv.Field(source)), csv.Line));
        }
    }

    private void ReadAnswers(string path, Recording recording, CancellationToken cancellationToken)
    {
        using CsvReader csv = Open(path, AnswerColumns);
        foreach (string required in AnswerColumns.AsSpan(0, 4))
            csv.RequiredColumn(required);
        while (csv.Read(out string? fault))
        {
            Look(csv, cancellationToken);
            ContractPrice? answer = fault is null ? Answer(csv, out fault) : null;
            if (answer is null)
                faults.Add(path, csv.Line, fault!);
            else
                recording.Answers.Add(new RecordedAnswer(answer, csv.Line));
        }
    }

    private ContractPrice? Answer(CsvReader csv, out string? fault)
    {
        string pair = Text("pair"), round = Text("round_id"), proxy = Text("proxy").ToLowerInvariant();
        BigInteger answer = default, number = default;
        int decimals = UsualDecimals, logIndex = 0;
        long updatedAt = 0, observedAt = 0, blockNumber = 0;
        bool removed = false;
        fault = pair.Length == 0 ? "pair is empty"
            : !BigInteger.TryParse(round, NumberStyles.None, CultureInfo.InvariantCulture, out number) ? $"round_id '{round}' is not a whole number"
            : !BigInteger.TryParse(Text("answer"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out answer) ? $"answer '{Text("answer")}' is not a whole number"
            : answer.Sign <= 0 ? $"the answer {answer} is not positive"
            : !FieldParsers.TryTime(Text("updated_at"), out updatedAt) ? NoTime("updated_at", Text("updated_at"))
            : Given("decimals", out string text) && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out decimals) || decimals > MostDecimals)
                ? $"decimals '{text}' is not a whole number from 0 to {MostDecimals}"
            : Given("block_number", out text) && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out blockNumber) ? $"block_number '{text}' is not a whole number"
            : Given("log_index", out text) && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out logIndex) ? $"log_index '{text}' is not a whole number"
            : Given("removed", out text) && !FieldParsers.TryFlag(text, out removed) ? $"removed '{text}' is neither true nor false"
            : Given("observed_at", out text) && !FieldParsers.TryTime(text, out observedAt) ? NoTime("observed_at", text)
            : null;
        if (fault is not null)
            return null;
        if (AnswerPrice.Of(answer, decimals) is not { } price)
        {
            fault = $"the answer {answer} with {decimals} decimals is no price that can be stored";
            return null;
        }
        string name = FeedName(Text("feed"), pair, proxy);
        FeedOptions? feed = feeds.FirstOrDefault(known => known.Name == name);
        string hash = Given("block_hash", out string blockHash) ? blockHash.ToLowerInvariant() : InventedHash($"{name}/{number}/{answer}/{updatedAt}");
        return new ContractPrice
        {
            Pair = pair,
            Feed = name,
            ChainId = feed is null ? MainNetwork : chainIds[feed.Chain],
            Proxy = proxy.Length > 0 ? proxy : feed?.Proxy?.ToLowerInvariant(),
            Aggregator = feed?.Aggregator?.ToLowerInvariant() ?? "",
            RoundId = number.ToString(CultureInfo.InvariantCulture),
            Answer = answer.ToString(CultureInfo.InvariantCulture),
            Decimals = decimals,
            Price = price,
            UpdatedAt = Utc(updatedAt),
            BlockNumber = blockNumber,
            BlockHash = hash,
            TransactionHash = InventedHash($"{hash}/{logIndex}"),
            TransactionIndex = 0,
            LogIndex = logIndex,
            Removed = removed,
            ObservedAt = Utc(Given("observed_at", out _) ? observedAt : updatedAt),
        };

        string Text(string column) => csv.Field(csv.Column(column)).ToString();

        bool Given(string column, out string text) => (text = Text(column)).Length > 0;
    }

    /// <summary>The column's; else the configured feed that this proxy is of; else the pair in lower case.</summary>
    private string FeedName(string given, string pair, string proxy) =>
        given.Length > 0 ? given
        : feeds.FirstOrDefault(feed => feed.Pair == pair && proxy.Length > 0 && proxy.Equals(feed.Proxy, StringComparison.OrdinalIgnoreCase))?.Name ?? pair.ToLowerInvariant();

    private CsvReader Open(string path, string[] known)
    {
        CsvReader csv = new(path);
        string[] unknown = [.. csv.Names.Except(known)];
        if (unknown.Length > 0)
            say($"{path}:1: the columns {string.Join(", ", unknown)} are left alone; known are {string.Join(", ", known)}");
        return csv;
    }

    private void Look(CsvReader csv, CancellationToken cancellationToken)
    {
        if (csv.Line % LinesPerLook != 0)
            return;
        cancellationToken.ThrowIfCancellationRequested();
        (long done, long total) = csv.Progress;
        progress.Show($"reading {Path.GetFileName(csv.Path)}", done, total, "B");
    }

    private static string NoTime(string column, ReadOnlySpan<char> text) => $"{column} '{text}' is neither unix seconds nor milliseconds nor ISO-8601";

    private static DateTime Utc(long milliseconds) => DateTime.UnixEpoch.AddTicks(milliseconds * TimeSpan.TicksPerMillisecond);
}
