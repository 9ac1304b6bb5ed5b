using System.Net;
using Assay.Schemas;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Assay.Ingest.Apis;

/// <summary>When the role asks and what it says, on a clock of the test's own; Kafka is away all the while.</summary>
public sealed class ApiIngestPacingTests
{
    private const int Failed = 2101;
    private const int Healed = 2102;
    private const int Rejected = 2103;
    private const int Mended = 2104;
    private const int Full = 2112;

    private static readonly KafkaConnection NoKafka = new() { Bootstrap = "127.0.0.1:1", Registry = new("http://127.0.0.1:1/") };
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Noon);
    private readonly RecordingLog _log = new();
    private readonly Script _script;

    public ApiIngestPacingTests() => _script = new(_time);

    [Fact]
    public async Task Source_is_asked_at_the_start_and_then_on_the_beat()
    {
        await RunAsync(TimeSpan.FromSeconds(35), Sources.Single("http://api.example/price"));

        Assert.Equal([0, 10, 20, 30], _script.Seconds("/price"));
        Assert.DoesNotContain(_log.Lines, line => line.Level > LogLevel.Information && line.Id is >= 2100 and < 2110);
    }

    [Fact]
    public async Task Failing_source_is_asked_ever_less_often_and_logged_once_and_once_when_healed()
    {
        _script.Answer = _ => _time.GetUtcNow() < Noon.AddMinutes(5) ? new(HttpStatusCode.BadGateway) : Script.Price();

        await RunAsync(TimeSpan.FromMinutes(8), Sources.Single("http://api.example/price"));

        double[] gaps = Gaps([.. _script.Seconds("/price").TakeWhile(second => second < 300)]);
        Assert.Equal(10, gaps[0]);
        Assert.All(gaps, gap => Assert.InRange(gap, 10, 61));
        Assert.All(gaps[3..], gap => Assert.InRange(gap, 30, 61));
        Assert.All(Gaps([.. _script.Seconds("/price").SkipWhile(second => second < 300).Skip(1)]), gap => Assert.Equal(10, gap));
        Assert.Equal("single one: the server answered 502 Bad Gateway (server-error); it is asked less often until it answers again.", Assert.Single(_log.Lines, line => line.Id == Failed).Text);
        Assert.Single(_log.Lines, line => line.Id == Healed);
    }

    [Fact]
    public async Task New_cause_within_an_outage_is_logged_too_but_each_only_once()
    {
        int calls = 0;
        _script.Answer = _ => calls++ % 2 == 0 ? new(HttpStatusCode.BadGateway) : throw new HttpRequestException("Connection refused");

        await RunAsync(TimeSpan.FromMinutes(10), Sources.Single("http://api.example/price"));

        Assert.True(calls > 6);
        Assert.Equal(2, _log.Lines.Count(line => line.Id == Failed));
    }

    [Fact]
    public async Task Retry_after_pauses_every_request_of_the_source_and_no_other()
    {
        SourceOptions paprika = Sources.Coinpaprika(new("http://paprika.example/"));
        _script.Answer = request =>
        {
            if (request.RequestUri!.AbsolutePath != "/v1/tickers/btc-bitcoin" || _time.GetUtcNow() > Noon.AddSeconds(1))
                return Script.Price();
            HttpResponseMessage refused = new(HttpStatusCode.TooManyRequests);
            refused.Headers.RetryAfter = new(TimeSpan.FromSeconds(95));
            return refused;
        };

        await RunAsync(TimeSpan.FromSeconds(120), paprika, Sources.Single("http://api.example/price"));

        foreach (string path in new[] { "/v1/tickers/btc-bitcoin", "/v1/tickers/eth-ethereum", "/v1/tickers/link-chainlink" })
        {
            double[] seconds = _script.Seconds(path);
            Assert.Equal(0, seconds[0]);
            Assert.InRange(seconds[1], 95, 106);
        }
        Assert.Equal(13, _script.Seconds("/price").Length);
    }

    [Fact]
    public async Task Rejected_responses_are_logged_once_and_their_end_once()
    {
        _script.Answer = _ => _time.GetUtcNow() < Noon.AddMinutes(3) ? Script.Body("<html>maintenance</html>") : Script.Price();

        await RunAsync(TimeSpan.FromMinutes(6), Sources.Single("http://api.example/price"));

        Assert.Contains("the response is not JSON", Assert.Single(_log.Lines, line => line.Id == Rejected).Text, StringComparison.Ordinal);
        Assert.Single(_log.Lines, line => line.Id == Mended);
    }

    [Fact]
    public async Task One_wrong_pair_slows_nothing_down()
    {
        _script.Answer = _ => Script.Body("""{"ethereum":{"usd":1683.12,"last_updated_at":1772366000},"bitcoin":{"usd":26400,"last_updated_at":1772366000}}""");

        await RunAsync(TimeSpan.FromSeconds(65), Sources.CoinGecko(new("http://gecko.example/")));

        Assert.Equal([0, 10, 20, 30, 40, 50, 60], _script.Seconds("/api/v3/simple/price"));
        Assert.Contains("LINK-USD", Assert.Single(_log.Lines, line => line.Id == Rejected).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_waits_for_kafka_is_bounded_and_then_nothing_more_is_asked_for()
    {
        string padding = new('x', 500 * 1024);
        _script.Answer = _ => Script.Body($$"""{"price":1,"padding":"{{padding}}"}""");

        await RunAsync(TimeSpan.FromMinutes(30), Sources.Single("http://api.example/price"));

        Assert.InRange(_script.Seconds("/price").Length, 60, 70);
        Assert.Single(_log.Lines, line => line.Id == Full);
    }

    [Fact]
    public async Task Role_without_sources_runs_until_it_is_cancelled() => await RunAsync(TimeSpan.FromSeconds(10));

    /// <summary>Runs the role through a span of simulated time, a tenth of a second after the other, then cancels it.</summary>
    private async Task RunAsync(TimeSpan span, params SourceOptions[] sources)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task run = new ApiIngest(sources, NoKafka, _log, _time, _script).RunAsync(stop.Token);
        TimeSpan step = TimeSpan.FromMilliseconds(100);
        for (TimeSpan passed = TimeSpan.Zero; passed < span; passed += step)
            _time.Advance(step);
        Assert.False(run.IsCompleted);
        await stop.CancelAsync();
        await Eventually.True(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return run.IsCompleted;
            },
            "the role ends after it was cancelled");
        await run;
    }

    private static double[] Gaps(double[] seconds) => [.. seconds.Zip(seconds.Skip(1), (earlier, later) => Math.Round(later - earlier, 3))];

    /// <summary>Answers at once, as told, and remembers when it was asked for what.</summary>
    private sealed class Script(TimeProvider time) : HttpMessageHandler
    {
        private readonly List<(string Path, DateTimeOffset At)> _requests = [];

        public Func<HttpRequestMessage, HttpResponseMessage> Answer { get; set; } = _ => Price();

        public double[] Seconds(string path) => [.. _requests.Where(request => request.Path == path).Select(request => Math.Round((request.At - Noon).TotalSeconds, 3))];

        public static HttpResponseMessage Price() => Body("""{"price":1683.12,"quotes":{"USD":{"price":1683.12}},"last_updated":"2026-03-01T12:00:00Z"}""");

        public static HttpResponseMessage Body(string body) => new(HttpStatusCode.OK) { Content = new StringContent(body) };

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            lock (_requests)
                _requests.Add((request.RequestUri!.AbsolutePath, time.GetUtcNow()));
            try
            {
                return Task.FromResult(Answer(request));
            }
            catch (HttpRequestException failure)
            {
                return Task.FromException<HttpResponseMessage>(failure);
            }
        }
    }
}
