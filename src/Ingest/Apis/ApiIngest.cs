using Assay.Avro.Registry;
using Assay.Ingest.Apis.Internal;
using Assay.Schemas;
using Microsoft.Extensions.Logging;

namespace Assay.Ingest.Apis;

/// <summary>
/// The role that asks price APIs and writes one <see cref="ApiPrice"/> per pair and response to <see cref="Topics.Apis"/>, and
/// what it cannot read to <see cref="Topics.DeadLetters"/>.
/// </summary>
/// <remarks>
/// Each request keeps its own cadence, counted from the start of the role. Every response is a quote, an unchanged one too: it
/// says what the source held at that moment. Two instances with the same sources would write each quote twice, so a source
/// belongs to one instance.
/// </remarks>
public sealed class ApiIngest
{
    private readonly IReadOnlyList<IReadOnlyList<SourceRequest>> _sources;
    private readonly KafkaConnection _kafka;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly HttpMessageHandler? _handler;

    /// <param name="handler">Sends the requests; null: the role's own, for HTTP/1.1 and HTTP/2 with compression.</param>
    /// <exception cref="UserException">A source is configured wrongly; names it and the mend.</exception>
    public ApiIngest(IReadOnlyList<SourceOptions> sources, KafkaConnection kafka, ILoggerFactory loggers, TimeProvider time, HttpMessageHandler? handler = null)
    {
        _sources = RequestCompiler.Compile(sources);
        _kafka = kafka;
        _log = loggers.CreateLogger<ApiIngest>();
        _time = time;
        _handler = handler;
    }

    /// <summary>Runs until cancelled; then what has been read gets a few seconds to reach Kafka.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using Fetcher fetcher = OpenFetcher();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using SchemaRegistryClient registry = _kafka.RegistryClient(_time);
        await using RecordWriter writer = new(_kafka, new AvroSerializer<ApiPrice>(registry, Topics.Apis), _log, _time);
        try
        {
            IEnumerable<Task> pollers = _sources.SelectMany(requests =>
            {
                SourcePause pause = new(_time);
                return requests.Select(request => StopOthersAsync(new RequestPoller(request, fetcher, writer, pause, _log, _time).RunAsync(stop.Token)));
            });
            await Task.WhenAll(pollers.Append(Task.Delay(Timeout.InfiniteTimeSpan, stop.Token)));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The only way a poller ends; what it wrote is drained on the way out.
        }

        async Task StopOthersAsync(Task poller)
        {
            try
            {
                await poller;
            }
            finally
            {
                await stop.CancelAsync();
            }
        }
    }

    /// <summary>Asks every request once, all at the same time, and says what each mapping found; Kafka is not touched.</summary>
    public async Task<IReadOnlyList<SourceCheck>> CheckAsync(CancellationToken cancellation)
    {
        using Fetcher fetcher = OpenFetcher();
        return await Task.WhenAll(_sources.SelectMany(requests => requests).Select(request => CheckAsync(fetcher, request, cancellation)));
    }

    private static async Task<SourceCheck> CheckAsync(Fetcher fetcher, SourceRequest request, CancellationToken cancellation)
    {
        FetchOutcome outcome = await fetcher.FetchAsync(request, cancellation);
        if (outcome is not Fetched fetched)
            return new(request.Source, request.EventType, request.Origin, [], ((NotFetched)outcome).Detail);
        IReadOnlyList<Reading> readings = ResponseReader.Read(request, fetched.Body, fetched.At.UtcDateTime);
        if (readings is [{ Pair: null, Rejection: { } rejection }])
            return new(request.Source, request.EventType, request.Origin, [], rejection.Detail);
        PriceCheck[] prices = [.. readings.Select(reading => new PriceCheck(reading.Pair!, reading.Quote?.Price, reading.Quote?.QuotedAt, reading.Rejection?.Detail))];
        return new(request.Source, request.EventType, request.Origin, prices, null);
    }

    private Fetcher OpenFetcher() => new(_handler ?? Fetcher.DefaultHandler(), owned: _handler is null, _time);
}
