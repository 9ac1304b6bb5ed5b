using System.CommandLine;
using Assay.Avro.Registry;
using Assay.Cli.Internal;
using Assay.Cli.Tail;
using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Cli.Commands;

/// <summary><c>assay tail TOPIC [--json] [--from-beginning] [--count N]</c>.</summary>
internal static class TailCommand
{
    private static readonly Argument<string> Topic = new("TOPIC") { Description = $"{Topics.Accuracy}, {Topics.Contracts}, {Topics.Apis}, {Topics.DeadLetters} or any other" };
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON object a line, for pipes" };
    private static readonly Option<bool> FromBeginning = new("--from-beginning") { Description = "All records that are there, then those that come" };
    private static readonly Option<int?> Count = new("--count") { Description = "End after so many records", HelpName = "N" };

    public static Command Create()
    {
        Count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1)
                result.AddError("--count takes a number from 1 on.");
        });
        Command command = new("tail", "Follows a topic, decoded, as a table") { Topic, Json, FromBeginning, Count };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        KafkaConnection connection = parsed.Configuration().Kafka;
        string topic = parsed.GetRequiredValue(Topic);
        using SchemaRegistryClient registry = connection.RegistryClient(TimeProvider.System);
        RecordTable? table = parsed.GetValue(Json) ? null : new RecordTable(topic, !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));
        // Not flushed at each line: a long history is written as fast as it is read.
        await using StreamWriter output = new(Console.OpenStandardOutput()) { AutoFlush = false, NewLine = "\n" };
        int left = parsed.GetValue(Count) ?? int.MaxValue;
        try
        {
            TopicTail tail = new(connection, new RecordDecoder(registry));
            IReadOnlyList<TopicPartition> partitions = await tail.PartitionsAsync(topic, cancellationToken);
            if (table is not null)
                await output.WriteLineAsync(table.Head());
            await tail.FollowAsync(
                partitions,
                parsed.GetValue(FromBeginning),
                record =>
                {
                    output.WriteLine(table is null ? record.Json : table.Line(record));
                    return left == int.MaxValue || --left > 0;
                },
                output.Flush,
                cancellationToken);
        }
        catch (IOException)
        {
            // Whoever reads has seen enough: head, less.
        }
        return CommandLine.Done;
    }
}
