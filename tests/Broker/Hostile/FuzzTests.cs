using System.Globalization;
using Confluent.Kafka;

namespace Assay.Broker.Tests.Hostile;

/// <summary>
/// Real requests of every key and version, mutated: lengths, counts, versions, truncation, compression bombs, slow drip, half-open connections, garbage. ASSAY_FUZZ_CASES says how many
/// (<c>./assay test --fuzz N</c>), ASSAY_FUZZ_SEED which.
/// </summary>
public sealed class FuzzTests : IDisposable
{
    private const int DefaultCases = 20_000;
    private const int MostConnections = 150;
    private const int Lingering = 60;
    private const int InFlight = 4 * 1024 * 1024;
    private const long HeapGrowth = 128L * 1024 * 1024;

    private readonly TemporaryFolder _folder = new();
    private readonly DefectLog _log = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _log.Dispose();
    }

    [Fact]
    public Task Mutated_requests_crash_nothing_take_little_and_harm_no_other_client() =>
        FuzzAsync(new BrokerOptions(), new ClientConfig(), Number("ASSAY_FUZZ_CASES", DefaultCases));

    [Fact]
    public Task Mutated_requests_before_authentication_harm_no_other_client() => FuzzAsync(
        new BrokerOptions { Sasl = new SaslOptions { Mechanisms = ["SCRAM-SHA-512"], Users = new Dictionary<string, string> { ["alice"] = "secret" } } },
        new ClientConfig { SecurityProtocol = SecurityProtocol.SaslPlaintext, SaslMechanism = SaslMechanism.ScramSha512, SaslUsername = "alice", SaslPassword = "secret" },
        Number("ASSAY_FUZZ_CASES", DefaultCases) / 4);

    private async Task FuzzAsync(BrokerOptions options, ClientConfig client, int cases)
    {
        int seed = Number("ASSAY_FUZZ_SEED", Random.Shared.Next());
        TestContext.Current.TestOutputHelper?.WriteLine($"{cases} cases, seed {seed} (ASSAY_FUZZ_SEED)");
        await using KafkaBroker broker = await KafkaBroker.StartAsync(
            options with { DataFolder = _folder.Path, MaxConnections = MostConnections, MaxFrameBytes = 1024 * 1024, MaxInFlightBytes = InFlight, MaxPartitions = 100 }, _log, ct: Ct);
        await using HealthyClient healthy = new(new ClientConfig(client) { BootstrapServers = broker.Bootstrap });
        await healthy.StartAsync(padding: 1_000);
        await Eventually.True(() => healthy.Written > 0, "the healthy client writes");

        long heap = 0;
        using (HostileClients hostile = new(broker.Bootstrap, seed, Lingering, opening: options.Sasl is not null))
        {
            // What grows with the first cases (pools, tables, groups with the names that are sent) is no leak; what grows with all the others is.
            await hostile.RunAsync(cases / 4, Ct);
            heap = GC.GetTotalMemory(forceFullCollection: true);
            Task attack = hostile.RunAsync(cases, Ct);
            while (!attack.IsCompleted)
            {
                Assert.InRange(broker.Listener.Connections, 0, MostConnections);
                Assert.InRange(broker.Listener.Received.Left, 0, InFlight);
                await Task.WhenAny(attack, Task.Delay(TimeSpan.FromMilliseconds(50), Ct));
            }
            await attack;
            TestContext.Current.TestOutputHelper?.WriteLine($"{hostile}; {_log.Closed} connections were refused or closed");
        }

        (int written, TimeSpan slowest) = await healthy.StopAsync();
        long grown = GC.GetTotalMemory(forceFullCollection: true) - heap;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{written} records of the healthy client, the slowest took {slowest.TotalMilliseconds:0} ms; the heap grew by {grown / 1024 / 1024} MB to {(heap + grown) / 1024 / 1024} MB");
        Assert.True(_log.Defects.IsEmpty, $"seed {seed}: {string.Join("\n", _log.Defects)}");
        Assert.True(grown < HeapGrowth, $"seed {seed}: the heap grew by {grown} bytes.");
        await Eventually.True(() => broker.Listener.Connections == 0, "all connections are closed");
        Assert.Equal((InFlight, InFlight), (broker.Listener.Received.Left, broker.Listener.Fetched.Left));
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : otherwise;
}
