using System.CommandLine;
using System.Globalization;
using Assay.Avro.Registry;
using Assay.Cli.DeadLetters;
using Assay.Cli.Internal;
using Assay.Cli.Tail;
using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Cli.Commands;

/// <summary><c>assay dead-letters [list|resend] [--reason R] [--topic T] [--since TIME]</c>: what was rejected, why, from where; and, once the cause is mended, again.</summary>
internal static class DeadLettersCommand
{
    private static readonly Option<string?> Reason = new("--reason") { Description = "Those with this reason alone, e.g. unknown-pair", HelpName = "REASON", Recursive = true };

    private static readonly Option<string?> Topic = new("--topic")
    {
        Description = $"Those of records in this topic alone: {Topics.Contracts}, {Topics.Apis} or {Topics.Accuracy}", HelpName = "TOPIC", Recursive = true,
    };

    private static readonly Option<DateTime?> Since = TimeOption.Create("--since", "Those rejected from this moment on");

    public static Command Create()
    {
        Since.Recursive = true;
        Topic.AcceptOnlyFromAmong(Topics.Contracts, Topics.Apis, Topics.Accuracy);
        Command list = new("list", "Prints them: a table on a terminal, one JSON object a line in a pipe");
        list.SetAction(ListAsync);
        Command resend = new("resend", "Sends their records again, each once, to the roles that rejected them");
        resend.SetAction(ResendAsync);
        Command command = new("dead-letters", "What was rejected, why and from where; without a further word it lists") { list, resend };
        command.Options.Add(Reason);
        command.Options.Add(Topic);
        command.Options.Add(Since);
        command.SetAction(ListAsync);
        return command;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        KafkaConnection connection = parsed.Configuration().Kafka;
        IReadOnlyList<TopicPartition> partitions = await PartitionsAsync(connection, cancellationToken);
        LetterFilter filter = FilterOf(parsed);
        FoundLetter[] letters = [.. (await Task.Run(() => new LetterReader(connection, TimeProvider.System).Read(partitions, cancellationToken), cancellationToken)).Where(filter.Takes)];
        bool terminal = !Console.IsOutputRedirected;
        RecordTable? table = terminal ? RecordTable.OfLetters(colours: string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))) : null;
        await using StreamWriter output = new(Console.OpenStandardOutput()) { NewLine = "\n" };
        try
        {
            if (table is not null && letters.Length > 0)
                await output.WriteLineAsync(table.Head());
            foreach (TailedRecord letter in letters.Select(letter => letter.Shown()))
                await output.WriteLineAsync(table is null ? letter.Json : table.Line(letter));
            // The sum goes another way to the terminal, and belongs below.
            await output.FlushAsync(cancellationToken);
        }
        catch (IOException)
        {
            // Whoever reads has seen enough: head, less.
        }
        if (terminal)
            await Console.Error.WriteLineAsync(Sum(letters));
        return CommandLine.Done;
    }

    private static async Task<int> ResendAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        KafkaConnection connection = parsed.Configuration().Kafka;
        IReadOnlyList<TopicPartition> partitions = await PartitionsAsync(connection, cancellationToken);
        LetterFilter filter = FilterOf(parsed);
        IReadOnlyDictionary<string, int> sent = await Task.Run(() => new Resender(connection, TimeProvider.System).Run(partitions, filter, cancellationToken), cancellationToken);
        Console.WriteLine(sent.Count == 0
            ? "There is no record to send again."
            : $"{Count(sent.Values.Sum())} sent again: {string.Join(", ", sent.Select(topic => string.Create(CultureInfo.InvariantCulture, $"{topic.Value:#,0} to {topic.Key}")))}.");
        return CommandLine.Done;
    }

    private static LetterFilter FilterOf(ParseResult parsed) => new(parsed.GetValue(Reason), parsed.GetValue(Topic), parsed.GetValue(Since));

    private static async Task<IReadOnlyList<TopicPartition>> PartitionsAsync(KafkaConnection connection, CancellationToken cancellationToken)
    {
        using SchemaRegistryClient registry = connection.RegistryClient(TimeProvider.System);
        return await new TopicTail(connection, new RecordDecoder(registry)).PartitionsAsync(Topics.DeadLetters, cancellationToken);
    }

    private static string Sum(FoundLetter[] letters) => letters.Length == 0
        ? "There are none."
        : $"{letters.Length.ToString("#,0", CultureInfo.InvariantCulture)} dead letters: " + string.Join(", ", letters.GroupBy(letter => letter.Letter.Reason).OrderByDescending(reason => reason.Count())
            .Select(reason => string.Create(CultureInfo.InvariantCulture, $"{reason.Count():#,0} {reason.Key}"))) +
          string.Create(CultureInfo.InvariantCulture, $"; {letters.Count(letter => letter.State == "open"):#,0} can be sent again.");

    private static string Count(int records) => records == 1 ? "1 record" : string.Create(CultureInfo.InvariantCulture, $"{records:#,0} records");
}
