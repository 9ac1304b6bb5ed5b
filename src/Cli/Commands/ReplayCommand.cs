using System.CommandLine;
using System.Globalization;
using Assay.Cli.Configuration;
using Assay.Cli.Internal;
using Assay.Cli.Replay;
using Assay.Topology;
using Microsoft.Extensions.Logging;

namespace Assay.Cli.Commands;

/// <summary>
/// <c>assay replay --answers FILE --quotes FILE (--out FILE | --bootstrap [HOST:PORT] [--speed 60x|max]) [--shuffle SEED] [--strict]</c>: recorded history through the accuracy rules.
/// </summary>
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

    private static readonly Option<string?> Bootstrap = new("--bootstrap")
    {
        Description = "Sends into the real topics instead, of this Kafka or, without an address, of the configured one", HelpName = "HOST:PORT", Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<double?> Speed = new("--speed")
    {
        Description = "With --bootstrap: how many times faster than it was, e.g. 60x, or max [default: max]",
        HelpName = "60x|max",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (text == "max")
                return null;
            if (text.EndsWith('x') && double.TryParse(text.AsSpan(..^1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double factor) && factor > 0)
                return factor;
            result.AddError($"--speed takes a factor such as 60x, or max, not '{text}'.");
            return null;
        },
    };

    private static readonly Option<int?> Shuffle = new("--shuffle") { Description = "Delivers in a random order within half of accuracy.revise_within", HelpName = "SEED" };

    private static readonly Option<bool> Strict = new("--strict") { Description = "Stops at the first malformed line instead of skipping it" };

    public static Command Create()
    {
        Command command = new("replay", "Sends recorded answers and quotes through the topology") { Answers, Quotes, Out, Bootstrap, Speed, Shuffle, Strict };
        command.Validators.Add(result =>
        {
            bool sends = result.GetResult(Bootstrap) is not null;
            if (result.GetResult(Out) is not null == sends)
                result.AddError("Say where the replay goes, with --out FILE or --bootstrap, one of the two.");
            else if (!sends && result.GetResult(Speed) is not null)
                result.AddError("--speed is for --bootstrap; with --out FILE it goes as fast as it can.");
        });
        command.SetAction((parsed, cancellationToken) => Task.Run(() => RunAsync(parsed, cancellationToken), CancellationToken.None));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        TimeProvider time = TimeProvider.System;
        long begun = time.GetTimestamp();
        AssayConfiguration configuration = parsed.Configuration();
        Progress progress = new(Console.Error, !Console.IsErrorRedirected, () => Console.WindowWidth, time);
        void Say(string sentence) => progress.Say($"assay: {sentence}");
        FaultReport faults = new(parsed.GetValue(Strict), Say);
        (string answers, string quotes) = (parsed.GetRequiredValue(Answers), parsed.GetRequiredValue(Quotes));
        try
        {
            RecordingReader reader = new(configuration.Feeds, configuration.Chains.ToDictionary(chain => chain.Name, chain => chain.ChainId), faults, Say, progress);
            Recording recording = reader.Read(answers, quotes, cancellationToken);
            string done;
            if (parsed.GetValue(Out) is { } output)
            {
                FileReplay replay = new(recording, OptionsFor(configuration.Judged(), recording), faults, progress, time);
                ReplaySum sum = replay.Run(answers, quotes, output, parsed.GetValue(Shuffle), cancellationToken);
                done = $"{Number(sum.Inputs)} answers and quotes in {{0}} s: {Number(sum.Records)} records in {output}"
                    + (sum.Unjudged > 0 ? $"; {Number(sum.Unjudged)} quotes of pairs without a feed left aside" : "");
            }
            else
            {
                if (parsed.GetValue(Bootstrap) is { } bootstrap)
                    configuration = configuration with { Kafka = configuration.Kafka with { Bootstrap = bootstrap } };
                WarnOf(configuration.Judged(), recording, Say);
                using ILoggerFactory loggers = parsed.Loggers();
                TopicReplay replay = new(recording, configuration, parsed.GetValue(Speed), progress, loggers.CreateLogger("Assay"), time);
                done = $"{Number(await replay.RunAsync(parsed.GetValue(Shuffle), cancellationToken))} answers and quotes in {{0}} s sent to {configuration.Kafka.Bootstrap}";
            }
            string seconds = time.GetElapsedTime(begun).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
            progress.Say(done.Replace("{0}", seconds, StringComparison.Ordinal) + (faults.Count > 0 ? $"; {Number(faults.Count)} lines skipped" : ""));
        }
        finally
        {
            progress.Clear();
        }
        return CommandLine.Done;
    }

    private static string Number(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>Of what a topology with this configuration would refuse.</summary>
    private static void WarnOf(AccuracyOptions configured, Recording recording, Action<string> say)
    {
        AccuracyOptions all = OptionsFor(configured, recording);
        foreach (string feed in all.Feeds.Except(configured.Feeds).Select(feed => feed.Name))
            say($"the configuration names no feed '{feed}': a topology that goes by it refuses its answers");
        foreach (string source in all.Sources.Except(configured.Sources).Select(source => source.Name))
            say($"the configuration names no source '{source}': a topology that goes by it refuses its quotes");
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
