using System.Globalization;
using Assay.Schemas;
using Spectre.Console;

namespace Assay.Cli.Demo;

/// <summary>The newest accuracy record of each feed, and how a person sees them.</summary>
internal sealed class FeedBoard
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Accuracy> _newest = new(StringComparer.Ordinal);
    private long _records;

    public void Update(Accuracy record)
    {
        lock (_lock)
        {
            _records++;
            // A revision of an older moment corrects the past; the board shows the present.
            if (!_newest.TryGetValue(record.Feed, out Accuracy? shown) || record.At >= shown.At)
                _newest[record.Feed] = record;
        }
    }

    /// <summary>The board as a table for a terminal.</summary>
    public Table ToTable()
    {
        Table table = new Table().Border(TableBorder.Rounded)
            .AddColumn("feed")
            .AddColumn(new TableColumn("contract").RightAligned())
            .AddColumn(new TableColumn("average").RightAligned())
            .AddColumn(new TableColumn("deviation").RightAligned())
            .AddColumn(new TableColumn("answer's age").RightAligned())
            .AddColumn("sources")
            .AddColumn("status")
            .AddColumn("at (UTC)");
        lock (_lock)
        {
            foreach (Accuracy record in _newest.Values)
            {
                table.AddRow(
                    new Text(record.Feed), new Text(Price(record.ContractPrice)), new Text(Price(record.Average)), new Text(Deviation(record)), new Text(Age(record)),
                    new Text(string.Join(' ', record.Sources.Select(source => $"{source.Key}×{source.Value.Quotes}"))),
                    new Text(StatusName(record), new Style(StatusColor(record))), new Text(At(record)));
            }
            table.Caption = new TableTitle(string.Create(CultureInfo.InvariantCulture, $"{_records} accuracy records; Ctrl-C stops"));
        }
        return table;
    }

    /// <summary>One record as one line, for output that is not a terminal.</summary>
    public static string ToLine(Accuracy record) => string.Create(CultureInfo.InvariantCulture,
        $"{At(record)}  {record.Feed,-9} {record.Trigger.ToString().ToLowerInvariant(),-6}  contract {Price(record.ContractPrice),10}  average {Price(record.Average),10}  deviation {Deviation(record),9}  age {Age(record),5}  {StatusName(record)}");

    private static string Price(decimal? price) => price switch
    {
        null => "–",
        >= 1000 => price.Value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => price.Value.ToString("0.0000", CultureInfo.InvariantCulture),
    };

    private static string Deviation(Accuracy record) =>
        record.DeviationPct is { } percent ? percent.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture) + " %" : "–";

    private static string Age(Accuracy record) =>
        record.AnswerAgeMs is { } age ? (age / 1000).ToString(CultureInfo.InvariantCulture) + " s" : "–";

    private static string At(Accuracy record) => record.At.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static string StatusName(Accuracy record) => record.Status.ToString().ToLowerInvariant();

    private static Color StatusColor(Accuracy record) => record.Status switch
    {
        AccuracyStatus.Ok => Color.Green,
        AccuracyStatus.Deviating => Color.Yellow,
        AccuracyStatus.Stale => Color.Red,
        _ => Color.Grey,
    };
}
