namespace Assay.Broker.Tests.Security;

/// <summary>Two brokers that know the same users: one within TLS, one without.</summary>
public sealed class SecuredBrokers : IAsyncLifetime
{
    public const string User = "alice";
    public const string Password = "correct horse, battery=staple é";

    public TestCertificates Certificates { get; } = new();

    public RecordingLog Log { get; } = new();

    /// <summary>All mechanisms, and a registry.</summary>
    public KafkaBroker Encrypted { get; private set; } = null!;

    /// <summary>SCRAM.</summary>
    public KafkaBroker Bare { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Dictionary<string, string> users = new() { [User] = Password, ["comma,equals=name"] = "other" };
        Encrypted = await KafkaBroker.StartAsync(
            new BrokerOptions
            {
                RegistryPort = 0,
                Sasl = new SaslOptions { Mechanisms = ["SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"], Users = users },
                Tls = new TlsOptions(Certificates.Certificate, Certificates.Key),
            },
            Log);
        Bare = await KafkaBroker.StartAsync(
            new BrokerOptions { RegistryPort = 0, Sasl = new SaslOptions { Mechanisms = ["SCRAM-SHA-256", "SCRAM-SHA-512"], Users = users } }, Log);
    }

    public async ValueTask DisposeAsync()
    {
        await Encrypted.DisposeAsync();
        await Bare.DisposeAsync();
        Certificates.Dispose();
    }
}
