namespace Assay.Broker.Bench;

/// <summary>An empty broker: how long until it answers, and what it takes when nobody asks.</summary>
internal static class Starting
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public static Task RunAsync(string kafkaHome, int runs, CancellationToken ct) => BrokerUnderTest.InTurnsAsync(kafkaHome, runs, async broker =>
    {
        await Task.Delay(Settling, ct);
        Console.WriteLine($"{{\"broker\":\"{broker.Name}\",\"first_answer_ms\":{broker.AnsweredAfter.TotalMilliseconds:0},\"rss_mb\":{broker.Resident}}}");
    }, ct);
}
