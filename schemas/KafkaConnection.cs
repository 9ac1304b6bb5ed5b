using Assay.Avro.Registry;
using Confluent.Kafka;

namespace Assay.Schemas;

/// <summary>How a process reaches Kafka and the schema registry. Secrets come from the environment; <see cref="ToString"/> leaves them out.</summary>
public sealed record KafkaConnection
{
    /// <summary><c>host:port[,host:port…]</c>.</summary>
    public required string Bootstrap { get; init; }
    /// <summary>The schema registry's base URL.</summary>
    public required Uri Registry { get; init; }
    /// <summary>A name that this process alone has and keeps over restarts; with it, a process that was killed takes up its partitions at once instead of after the
    /// group's session time-out. Null: none.</summary>
    public string? Instance { get; init; }
    /// <summary>Basic authentication at the registry; null: none.</summary>
    public string? RegistryUser { get; init; }
    public string? RegistryPassword { get; init; }
    /// <summary>Kafka's <c>security.protocol</c>.</summary>
    public SecurityProtocol Security { get; init; } = SecurityProtocol.Plaintext;
    /// <summary>Kafka's <c>sasl.mechanism</c>; used where <see cref="Security"/> asks for SASL.</summary>
    public SaslMechanism Mechanism { get; init; } = SaslMechanism.ScramSha512;
    public string? User { get; init; }
    public string? Password { get; init; }
    /// <summary>Path of a PEM file with the certificates to trust; null: the system's.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>The settings that every client of this connection starts from.</summary>
    /// <param name="clientId">Names the role in the broker's logs and metrics.</param>
    public ClientConfig Client(string clientId)
    {
        ClientConfig config = new()
        {
            BootstrapServers = Bootstrap,
            ClientId = clientId,
            SecurityProtocol = Security,
            // A name that resolves to ::1 first costs a refused connection on every start.
            BrokerAddressFamily = BrokerAddressFamily.Any,
            ReconnectBackoffMs = 50,
            ReconnectBackoffMaxMs = 2_000,
            SocketKeepaliveEnable = true,
        };
        if (Security is SecurityProtocol.SaslPlaintext or SecurityProtocol.SaslSsl)
        {
            config.SaslMechanism = Mechanism;
            config.SaslUsername = User;
            config.SaslPassword = Password;
        }
        if (CertificateAuthority is not null)
            config.SslCaLocation = CertificateAuthority;
        return config;
    }

    /// <summary>A client of the schema registry; one for each process is enough.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="attempts">How often a request is made before it counts as failed: 1 for who repeats it by himself.</param>
    public SchemaRegistryClient RegistryClient(TimeProvider time, int attempts = SchemaRegistryOptions.DefaultAttempts) =>
        new(new SchemaRegistryOptions { Url = Registry, User = RegistryUser, Password = RegistryPassword, CertificateAuthority = CertificateAuthority, Attempts = attempts }, time);

    /// <summary>The addresses, without secrets.</summary>
    public override string ToString() => $"Kafka {Bootstrap}, registry {Registry.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)}";
}
