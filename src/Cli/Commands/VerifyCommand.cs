using System.CommandLine;
using System.Globalization;
using Assay.Cli.Configuration;
using Assay.Cli.Configuration.Internal;
using Assay.Cli.Internal;
using Assay.Cli.Verify;
using Assay.Schemas;
using Assay.Topology;

namespace Assay.Cli.Commands;

/// <summary><c>assay verify [--from TIME] [--to TIME] [--feed NAME]</c>: is the accuracy table what the raw tables call for? Fails if it is not.</summary>
internal static class VerifyCommand
{
    private static readonly Option<DateTime?> From = TimeOption.Create("--from", "The first moment that is looked at");

    private static readonly Option<DateTime?> To = TimeOption.Create("--to", "The moment before which it ends");

    private static readonly Option<string?> Feed = new("--feed") { Description = "One feed alone", HelpName = "NAME" };

    /// <summary>The fields by which a person knows a record.</summary>
    private static readonly string[] Telling = ["status", "contract_price", "round_id", "average", "window_end", "deviation_pct"];

    public static Command Create()
    {
        Command command = new("verify", "Recomputes accuracy in SQL from the raw tables and compares it with the table") { From, To, Feed };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        AssayConfiguration configuration = parsed.Configuration();
        AccuracyOptions options = configuration.Judged();
        VerifyRange range = new(parsed.GetValue(From), parsed.GetValue(To), parsed.GetValue(Feed));
        if (range.Feed is { } name && options.Feeds.All(feed => feed.Name != name))
            throw new UserException($"No feed is called '{name}'{Suggestion.For(name, options.Feeds.Select(feed => feed.Name))}");
        Verifier verifier = new(configuration.Database.ConnectionString(), options, TimeProvider.System);
        Findings findings = await verifier.VerifyAsync(range, cancellationToken);
        int differences = 0;
        foreach (Difference difference in findings.Differences.Where(difference => !difference.IsLate))
        {
            differences++;
            Console.WriteLine(Describe(difference));
            foreach (string input in await verifier.InputsAsync(difference, cancellationToken))
                Console.WriteLine($"    {input}");
        }
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{findings.Windows:#,0} window records and {findings.Answers:#,0} answer records recomputed: {(differences == 0 ? "no difference" : $"{differences:#,0} different")}."));
        Say(findings.OpenWindows, "window records left out: stream time has not closed their windows");
        Say(findings.OpenAnswers, "answers left out: such a window serves them");
        Say(findings.Differences.Count - differences, "records stand as they were: an input came later than accuracy.revise_within");
        return differences == 0 ? CommandLine.Done : CommandLine.Failed;
    }

    private static void Say(long count, string what)
    {
        if (count > 0)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count:#,0} {what}."));
    }

    private static string Describe(Difference difference)
    {
        string kind = difference.Kind switch
        {
            "missing" => "missing in the table",
            "unexpected" => "in the table, but the inputs call for none",
            "retracted" => "retracted in the table, but the inputs call for it",
            _ => "different",
        };
        IEnumerable<string> fields = difference.Kind == "different"
            ? AccuracySql.Fields.Where(field => difference.Expected[field] != difference.Stored[field])
                .Select(field => $"    {field}: {difference.Stored[field] ?? "nothing"} in the table, {difference.Expected[field] ?? "nothing"} from the inputs")
            : [$"    {Shown(difference.Kind == "unexpected" ? difference.Stored : difference.Expected)}"];
        return string.Join('\n', fields.Prepend($"{difference.Id} at {difference.At}: {kind}"));
    }

    private static string Shown(IReadOnlyDictionary<string, string?> record) =>
        string.Join(", ", Telling.Select(field => $"{field} {record[field] ?? "nothing"}"));
}
