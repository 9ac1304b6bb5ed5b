using System.Net;

namespace Assay.Broker;

/// <summary>How an embedded broker is started.</summary>
public sealed record BrokerOptions
{
    /// <summary>Where records and state are kept; made where absent, locked while in use. Null: in memory, gone at the end.</summary>
    public string? DataFolder { get; init; }
    /// <summary>The address to listen on. Default: IPv4 loopback; any other asks for <see cref="Sasl"/>.</summary>
    public IPAddress Listen { get; init; } = IPAddress.Loopback;
    /// <summary>The host that clients are told to connect to, where it is another name than the address: that of a certificate, or one that leads here from elsewhere.
    /// Null: the address that a client has reached the broker by.</summary>
    public string? AdvertisedHost { get; init; }
    /// <summary>The broker's TCP port; 0: any that is free.</summary>
    public int Port { get; init; }
    /// <summary>The port that clients are told to connect to, where something stands between them and the broker: a relay, a container's port. Null: the one it listens on.</summary>
    public int? AdvertisedPort { get; init; }
    /// <summary>The schema registry's TCP port; 0: any that is free; null: no registry. It listens where the broker does; without TLS on loopback only, as its
    /// authentication would show passwords.</summary>
    public int? RegistryPort { get; init; }
    /// <summary>Who may connect; null: everybody who can, that is everybody on this machine.</summary>
    public SaslOptions? Sasl { get; init; }
    /// <summary>Null: connections are not encrypted.</summary>
    public TlsOptions? Tls { get; init; }
    /// <summary>Partitions of a topic that is made without saying how many.</summary>
    public int DefaultPartitions { get; init; } = 1;
    /// <summary>Whether asking for a topic that does not exist makes it (where the client allows it).</summary>
    public bool AutoCreateTopics { get; init; } = true;
    /// <summary>The most connections at a time; further ones are closed.</summary>
    public int MaxConnections { get; init; } = 1_000;
    /// <summary>The most partitions of all topics together.</summary>
    public int MaxPartitions { get; init; } = 10_000;
    /// <summary>The longest request frame in bytes. Default: 100 MiB, as Apache Kafka's.</summary>
    public int MaxFrameBytes { get; init; } = 100 * 1024 * 1024;
    /// <summary>Bytes of large requests that may be in memory at a time, over all connections; further ones wait. As many again of what is fetched.</summary>
    public long MaxInFlightBytes { get; init; } = 256L * 1024 * 1024;
}
