namespace Assay.Demo.Market;

/// <summary>How the two simulated price APIs behave.</summary>
public sealed record MarketServerOptions
{
    /// <summary>Loopback TCP port; 0: a free one.</summary>
    public int Port { get; init; }
    public ApiOptions CoinGecko { get; init; } = new() { Refresh = TimeSpan.FromSeconds(2), Lag = TimeSpan.FromSeconds(1), NoisePct = 0.01 };
    public ApiOptions Coinpaprika { get; init; } = new() { Refresh = TimeSpan.FromSeconds(3), Lag = TimeSpan.FromSeconds(1.5), NoisePct = 0.02 };
    /// <summary>Where each served response is appended as a line of JSON before it is sent; null: only memory keeps the journal.</summary>
    public string? JournalFile { get; init; }
}

/// <summary>How one simulated API behaves.</summary>
public sealed record ApiOptions
{
    /// <summary>The answer changes this often and is served from the cache in between.</summary>
    public required TimeSpan Refresh { get; init; }
    /// <summary>How far behind the market the price is when the cache is filled.</summary>
    public required TimeSpan Lag { get; init; }
    /// <summary>Standard deviation of the API's own error, in percent.</summary>
    public required double NoisePct { get; init; }
    /// <summary>Requests that one client may send at once…</summary>
    public int Burst { get; init; } = 30;
    /// <summary>… and how fast that allowance grows back; beyond it 429 with Retry-After.</summary>
    public double RequestsPerSecond { get; init; } = 3;
}
