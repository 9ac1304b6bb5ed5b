using Assay.Schemas;
using Microsoft.Extensions.Logging;

namespace Assay.Ingest.Apis.Internal;

/// <summary>Asks one request on its cadence and hands on what it reads; a failing source is asked less and less often, and each cause is logged once.</summary>
internal sealed class RequestPoller(SourceRequest request, Fetcher fetcher, RecordWriter writer, SourcePause pause, ILogger log, TimeProvider time)
{
    private const string Stage = "apis";
    private const string Backlog = "backlog";
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(60);

    /// <summary>While nothing is heard of the source; ends with a quote.</summary>
    private readonly Outage _silence = new(time);
    /// <summary>While some of what it says is rejected; ends with a response of which nothing is.</summary>
    private readonly Outage _nonsense = new(time);
    private int _failures;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        ApiLog.Asking(log, request.Source, request.EventType, request.Every.TotalSeconds, request.Origin);
        Cadence cadence = new(request.Every, time);
        while (true)
        {
            TimeSpan rest = await PollAsync(cancellation);
            TimeSpan wait = cadence.UntilNext();
            await Task.Delay(wait > rest ? wait : rest, time, cancellation);
            while (pause.Remaining is { Ticks: > 0 } remaining)
                await Task.Delay(remaining, time, cancellation);
        }
    }

    /// <returns>How long the request has to be left alone; zero where the cadence decides.</returns>
    private async Task<TimeSpan> PollAsync(CancellationToken cancellation)
    {
        if (writer.Full)
        {
            if (_silence.Begins(Backlog))
                ApiLog.Full(log, RecordWriter.MaxPendingBytes / 1_000_000);
            return TimeSpan.Zero;
        }
        return await fetcher.FetchAsync(request, cancellation) switch
        {
            Fetched fetched => Read(fetched),
            NotFetched failed => Failed(failed),
            FetchOutcome other => throw new InvalidOperationException($"An outcome that is not known here: {other}."),
        };
    }

    private TimeSpan Read(Fetched fetched)
    {
        DateTime observedAt = new(fetched.At.UtcTicks - fetched.At.UtcTicks % TimeSpan.TicksPerMillisecond, DateTimeKind.Utc);
        IReadOnlyList<Reading> readings = ResponseReader.Read(request, fetched.Body, observedAt);
        bool anyQuote = false;
        Rejection? rejection = null;
        foreach (Reading reading in readings)
        {
            if (reading.Quote is { } quote)
            {
                anyQuote = true;
                writer.Write(quote);
            }
            if (reading.Rejection is { } rejected)
            {
                rejection = rejected;
                writer.Write(new DeadLetter(null, fetched.Body, Stage, rejected.Reason, rejected.Detail, $"{request.Source} {request.Origin}", observedAt));
                if (_nonsense.Begins($"{rejected.Reason} {reading.Pair}"))
                    ApiLog.Rejected(log, request.Source, request.EventType, rejected.Detail, rejected.Reason);
            }
        }
        if (rejection is null && _nonsense.Ends() is { } rejecting)
            ApiLog.Mended(log, request.Source, request.EventType, rejecting.TotalSeconds);
        if (anyQuote)
        {
            if (_silence.Ends() is { } silent)
                ApiLog.Healed(log, request.Source, request.EventType, silent.TotalSeconds);
            _failures = 0;
            return TimeSpan.Zero;
        }
        ApiMetrics.Failure(request.Source, rejection!.Reason);
        return Rest();
    }

    private TimeSpan Failed(NotFetched failed)
    {
        ApiMetrics.Failure(request.Source, failed.Reason);
        if (_silence.Begins(failed.Reason))
            ApiLog.Failed(log, request.Source, request.EventType, failed.Detail, failed.Reason);
        if (failed.RetryAfter is { } asked)
            pause.For(Backoff.Asked(asked, Random.Shared.NextDouble()));
        return Rest();
    }

    private TimeSpan Rest() => Backoff.After(++_failures, request.Every, LongestRest, Random.Shared.NextDouble());
}
