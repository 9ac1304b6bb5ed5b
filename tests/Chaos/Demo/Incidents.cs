using System.Globalization;

namespace Assay.Chaos.Tests.Demo;

/// <summary>What goes wrong around the roles: connections break, servers die, the chain reorganises.</summary>
internal sealed class Incidents(Stage stage)
{
    private const int MostDisplaced = 6;
    private readonly List<Interruption> _market = [];
    private readonly List<Interruption> _kafka = [];

    /// <summary>When a response of the market may have been lost on its way.</summary>
    public IReadOnlyList<Interruption> Market => _market;

    /// <summary>When connections to Kafka were broken.</summary>
    public IReadOnlyList<Interruption> Kafka => _kafka;

    public IReadOnlyList<Incident> All =>
    [
        new("the chain reorganises", ReorganiseAsync),
        new("kill the EVM node", KillNodeAsync),
        new("freeze the EVM node", random => FreezeAsync(random, stage.Node.ProcessId)),
        new("kill PostgreSQL", KillDatabaseAsync),
        new("break connections to Kafka", BreakKafkaAsync),
        new("cut off Kafka", random => CutAsync(random, stage.KafkaRelay, _kafka)),
        new("cut off PostgreSQL", random => CutAsync(random, stage.DatabaseRelay, null)),
        new("cut off the EVM node", random => CutAsync(random, stage.ChainRelay, null)),
        new("cut off the market", random => CutAsync(random, stage.MarketRelay, _market)),
        new("restart the market", RestartMarketAsync),
    ];

    private async Task<string> ReorganiseAsync(Random random)
    {
        long head = await stage.HeadAsync();
        long depth = Math.Min(random.Next(1, MostDisplaced + 1), head - stage.FirstBlock);
        if (depth <= 0)
            return "no block to displace yet";
        await stage.RequestAsync("anvil_reorg", depth, Array.Empty<object>());
        return $"{depth} blocks displaced below {head}";
    }

    private async Task<string> KillNodeAsync(Random random)
    {
        int killed = stage.Node.ProcessId;
        Signals.Send(killed, "KILL");
        await Eventually.True(() => stage.Node.ProcessId != killed, "the EVM node was started again");
        return $"it runs again, at block {await stage.HeadAsync()}";
    }

    private static async Task<string> FreezeAsync(Random random, int process)
    {
        TimeSpan length = Length(random, 4_000);
        Signals.Send(process, "STOP");
        try
        {
            await Task.Delay(length, TestContext.Current.CancellationToken);
        }
        finally
        {
            Signals.Send(process, "CONT");
        }
        return string.Create(CultureInfo.InvariantCulture, $"for {length.TotalSeconds:0.0} s");
    }

    private async Task<string> KillDatabaseAsync(Random random)
    {
        await stage.KillDatabaseAsync();
        return "it runs again";
    }

    private Task<string> BreakKafkaAsync(Random random)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        _kafka.Add(new Interruption(now, now, InterruptionKind.Frozen));
        return Task.FromResult($"{stage.KafkaRelay.Break(random, 0.5)} broken");
    }

    private static async Task<string> CutAsync(Random random, TcpRelay relay, List<Interruption>? times)
    {
        DateTimeOffset since = TimeProvider.System.GetUtcNow();
        TimeSpan length = Length(random, 3_000);
        int broken = relay.Cut();
        try
        {
            await Task.Delay(length, TestContext.Current.CancellationToken);
        }
        finally
        {
            relay.Mend();
            times?.Add(new Interruption(since, TimeProvider.System.GetUtcNow(), InterruptionKind.Frozen));
        }
        return string.Create(CultureInfo.InvariantCulture, $"{broken} connections broken, for {length.TotalSeconds:0.0} s");
    }

    private async Task<string> RestartMarketAsync(Random random)
    {
        DateTimeOffset since = TimeProvider.System.GetUtcNow();
        await stage.RestartMarketAsync();
        _market.Add(new Interruption(since, TimeProvider.System.GetUtcNow(), InterruptionKind.Stopped));
        return "it serves again";
    }

    private static TimeSpan Length(Random random, int longestMilliseconds) => TimeSpan.FromMilliseconds(random.Next(longestMilliseconds));
}
