using System.CommandLine;
using System.Globalization;
using Assay.Cli.Configuration;
using Assay.Cli.Internal;
using Assay.Cli.Replay;
using Assay.Topology;

namespace Assay.Cli.Commands;

/// <summary><c>assay replay --answers FILE --quotes FILE --out FILE [--shuffle SEED] [--strict]</c>: recorded history through the accuracy rules.</summary>
internal static class ReplayCommand
{
    private static readonly TimeSpan UndeclaredHeartbeat = TimeSpan.FromHours(1);
    private const decimal UndeclaredThreshold = 0.5m;
    private const long MainNetwork = 1;

    private static readonly Option<string> Answers = new("--answers")
    {
        Description = "CSV with a header: pair,round_id,answer,updated_at and optionally feed,proxy,decimals,block_number,block_hash,log_index,removed,observed_at", HelpName = "FILE", Required = true,
    };

    private static readonly Option<string> Quotes = new("--quotes")
    {
        Description = "CSV with a header: pair,price,time and optionally source,quoted_at", HelpName = "FILE", Required = true,
    };

    private static readonly Option<string?> Out = new("--out") { Description = "Works in this process and writes the latest revision of every record, one JSON object a line", HelpName = "FILE" };

    private static readonly Option<int?> Shuffle = new("--shuffle") { Description = "Delivers in a random order within half of accuracy.revise_within", HelpName = "SEED" };

    private static readonly Option<bool> Strict = new("--strict") { Description = "Stops at the first malformed line instead of skipping it" };

    public static Command Create()
    {
        Command command = new("replay", "Sends recorded answers and quotes through the topology") { Answers, Quotes, Out, Shuffle, Strict };
        command.SetAction((parsed, cancellationToken) => Task.Run(() => Run(parsed, cancellationToken), CancellationToken.None));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        TimeProvider time = TimeProvider.System;
        long begun = time.GetTimestamp();
        AssayConfiguration configuration = parsed.Configuration();
        Progress progress = new(Console.Error, !Console.IsErrorRedirected, time);
        FaultReport faults = new(parsed.GetValue(Strict), sentence => progress.Say($"assay: {sentence}"));
        (string answers, string quotes, string output) = (parsed.GetRequiredValue(Answers), parsed.GetRequiredValue(Quotes), parsed.GetValue(Out)!);
        try
        {
            RecordingReader reader = new(
                configuration.Feeds, configuration.Chains.ToDictionary(chain => chain.Name, chain => chain.ChainId), faults, sentence => progress.Say($"assay: {sentence}"), progress);
            Recording recording = reader.Read(answers, quotes, cancellationToken);
            FileReplay replay = new(recording, OptionsFor(configuration.Judged(), recording), faults, progress, time);
            ReplaySum sum = replay.Run(answers, quotes, output, parsed.GetValue(Shuffle), cancellationToken);
            progress.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"{sum.Inputs:#,0} answers and quotes in {time.GetElapsedTime(begun).TotalSeconds:0.0} s: {sum.Records:#,0} records in {output}"
                + $"{(sum.Unjudged > 0 ? $"; {sum.Unjudged:#,0} quotes of pairs without a feed left aside" : "")}{(faults.Count > 0 ? $"; {faults.Count:#,0} lines skipped" : "")}"));
        }
        finally
        {
            progress.Clear();
        }
        return CommandLine.Done;
    }

    /// <summary>The configuration's, and beside them the feeds and sources that only the recording names.</summary>
    private static AccuracyOptions OptionsFor(AccuracyOptions configured, Recording recording) => configured with
    {
        Feeds =
        [
            .. configured.Feeds,
            .. recording.Answers.Select(answer => (answer.Price.Feed, answer.Price.Pair)).DistinctBy(feed => feed.Feed).ExceptBy(configured.Feeds.Select(feed => feed.Name), feed => feed.Feed)
                .Select(feed => new AccuracyFeed(feed.Feed, feed.Pair, MainNetwork, UndeclaredHeartbeat, UndeclaredThreshold)),
        ],
        Sources =
        [
            .. configured.Sources,
            .. recording.Sources().Except(configured.Sources.Select(source => source.Name)).Select(source => new AccuracySource(source)),
        ],
    };
}
