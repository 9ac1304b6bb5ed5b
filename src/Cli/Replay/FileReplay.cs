using Assay.Schemas;
using Assay.Topology;

namespace Assay.Cli.Replay;

/// <summary>What a replay came to.</summary>
/// <param name="Inputs">Answers and quotes taken.</param>
/// <param name="Unjudged">Quotes of pairs that no feed has: they have nothing to be compared with.</param>
/// <param name="Records">Lines written.</param>
internal readonly record struct ReplaySum(long Inputs, long Unjudged, long Records);

/// <summary>Runs a recording through the accuracy rules in this process; the records go to a file.</summary>
internal sealed class FileReplay(Recording recording, AccuracyOptions options, FaultReport faults, Progress progress, TimeProvider time)
{
    private const int InputsPerLook = 2_048;

    /// <exception cref="UserException">The file cannot be written; an input is refused, if that is to end the work.</exception>
    public ReplaySum Run(string answersPath, string quotesPath, string outputPath, int? seed, CancellationToken cancellationToken)
    {
        try
        {
            using FileStream output = new(outputPath, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
            return Run(answersPath, quotesPath, output, seed, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{outputPath} cannot be written: {failure.Message.TrimEnd('.')}.", failure);
        }
    }

    private ReplaySum Run(string answersPath, string quotesPath, Stream output, int? seed, CancellationToken cancellationToken)
    {
        using LatestRecords latest = new(output);
        AccuracyReplay rules = new(options, time, latest.Add);
        HashSet<string> judged = [.. options.Feeds.Select(feed => feed.Pair)];
        Delivery[] deliveries = recording.Deliveries(seed, options.ReviseWithin / 2);
        long taken = 0, unjudged = 0;
        for (int i = 0; i < deliveries.Length; i++)
        {
            if (i % InputsPerLook == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress.Show("replaying", i, deliveries.Length, "records");
                if (taken > 0)
                    latest.WriteBefore(DateTime.UnixEpoch.AddMilliseconds(rules.Final));
            }
            int number = deliveries[i].Number;
            string? refusal;
            if (number < recording.Answers.Count)
            {
                RecordedAnswer answer = recording.Answers[number];
                refusal = rules.Take(Recording.AnswerOf(answer.Price));
                if (refusal is not null)
                    faults.Add(answersPath, answer.Line, refusal);
            }
            else
            {
                RecordedQuote quote = recording.Quotes[number - recording.Answers.Count];
                if (!judged.Contains(recording.Names[quote.Pair]))
                {
                    unjudged++;
                    continue;
                }
                refusal = rules.Take(recording.QuoteOf(quote));
                if (refusal is not null)
                    faults.Add(quotesPath, quote.Line, refusal);
            }
            if (refusal is null)
                taken++;
        }
        rules.End();
        latest.End();
        return new ReplaySum(taken, unjudged, latest.Written);
    }
}
