using Confluent.Kafka;

namespace Assay.Cli.Tests.Commands;

/// <summary>Who may use a broker that <c>assay broker</c> runs, and what it says to options that would let in anybody.</summary>
public sealed class BrokerSecurityTests : IDisposable
{
    private readonly TestCertificates _certificates = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("--host 0.0.0.0", 2, "assay: On 0.0.0.0 anybody could reach the broker, so it needs --sasl, e.g. --sasl SCRAM-SHA-256, with the users in --users FILE or in ASSAY_BROKER_USERS. See assay broker --help.")]
    [InlineData("--host here", 2, "assay: --host takes an IP address of this machine, or 0.0.0.0 for all of them, not 'here'. See assay broker --help.")]
    [InlineData("--tls-cert x.pem", 2, "assay: --tls-cert and --tls-key go together: the certificate and its key. See assay broker --help.")]
    [InlineData("--users x", 2, "assay: --users names who may log in, so it needs --sasl, which says how, e.g. --sasl SCRAM-SHA-256. See assay broker --help.")]
    [InlineData("--sasl PLAIN", 1, "assay: PLAIN sends passwords as they are, so it needs TLS: give a certificate and its key (--tls-cert, --tls-key), or use SCRAM-SHA-256 or SCRAM-SHA-512.")]
    [InlineData("--sasl GSSAPI", 1, "assay: 'GSSAPI' is no SASL mechanism that the broker has: use SCRAM-SHA-256, SCRAM-SHA-512 or, with TLS, PLAIN.")]
    public async Task Options_that_would_let_in_anybody_or_make_no_sense_are_refused_in_one_sentence(string options, int exitCode, string sentence)
    {
        (int code, _, string error) = await AssayProcess.RunAsync(
            ["broker", "--in-memory", "--port", "0", "--registry-port", "0", .. options.Split(' ')], new Dictionary<string, string?> { ["ASSAY_BROKER_USERS"] = "alice=secret" });

        Assert.Equal((exitCode, sentence), (code, error));
    }

    [Theory]
    [InlineData("alice=one\nalice=two", "assay: Line 2 of {0} names a user for the second time.")]
    [InlineData("# nobody\n\n", "assay: There is no user for --sasl: write a line name=password for each into {0}, or name another file with --users.")]
    [InlineData("alice=one\nsecret-without-a-name", "assay: Line 2 of {0} is not name=password.")]
    public async Task Users_that_cannot_be_read_are_refused_without_showing_a_password(string users, string sentence)
    {
        string file = _folder["users"];
        await File.WriteAllTextAsync(file, users, TestContext.Current.CancellationToken);

        (int code, _, string error) = await AssayProcess.RunAsync(["broker", "--in-memory", "--port", "0", "--registry-port", "0", "--sasl", "SCRAM-SHA-256", "--users", file]);

        Assert.Equal((1, string.Format(null, sentence, file)), (code, error));
    }

    [Fact]
    public async Task Certificate_that_cannot_be_used_is_named()
    {
        (int code, _, string error) = await AssayProcess.RunAsync(
            ["broker", "--in-memory", "--port", "0", "--registry-port", "0", "--tls-cert", _certificates.Certificate, "--tls-key", _folder["missing.pem"]]);

        Assert.Equal(1, code);
        Assert.StartsWith($"assay: The certificate {_certificates.Certificate} with the key {_folder["missing.pem"]} cannot be used: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_commands_use_a_broker_on_every_address_with_tls_and_users()
    {
        await using AssayProcess broker = AssayProcess.Start(
            ["broker", "--in-memory", "--port", "0", "--registry-port", "0", "--host", "0.0.0.0", "--sasl", "scram-sha-256,scram-sha-512", "--tls-cert", _certificates.Certificate, "--tls-key", _certificates.Key],
            new Dictionary<string, string?> { ["ASSAY_BROKER_USERS"] = "alice=correct=horse\nbob=other" });
        string bootstrap = (await broker.LineAsync("bootstrap "))["bootstrap ".Length..];
        string registry = (await broker.LineAsync("registry "))["registry ".Length..];
        ClientConfig config = new()
        {
            BootstrapServers = bootstrap,
            SecurityProtocol = SecurityProtocol.SaslSsl,
            SaslMechanism = SaslMechanism.ScramSha256,
            SaslUsername = "bob",
            SaslPassword = "other",
            SslCaLocation = _certificates.Authority,
        };
        using (IProducer<Null, string> producer = new ProducerBuilder<Null, string>(config).Build())
            await producer.ProduceAsync("other", new Message<Null, string> { Value = "hello" }, TestContext.Current.CancellationToken);
        string[] here =
        [
            "--set", $"kafka.bootstrap={bootstrap}", "--set", $"kafka.registry={registry}", "--set", "kafka.security.protocol=sasl_ssl", "--set", "kafka.security.user=alice",
            "--set", $"kafka.security.certificate_authority={_certificates.Authority}", "--set", "kafka.security.registry_user=alice",
        ];
        Dictionary<string, string?> secrets = new() { ["ASSAY__KAFKA__SECURITY__PASSWORD"] = "correct=horse", ["ASSAY__KAFKA__SECURITY__REGISTRY_PASSWORD"] = "correct=horse" };

        (int tailed, IReadOnlyCollection<string> output, string tailError) = await AssayProcess.RunAsync(["tail", "other", "--from-beginning", "--json", "--count", "1", .. here], secrets);
        (_, IReadOnlyCollection<string> checkedLines, _) = await AssayProcess.RunAsync(["check", .. here], secrets);
        (_, IReadOnlyCollection<string> refusedLines, _) = await AssayProcess.RunAsync(
            ["check", .. here], new Dictionary<string, string?>(secrets) { ["ASSAY__KAFKA__SECURITY__PASSWORD"] = "wrong", ["ASSAY__KAFKA__SECURITY__REGISTRY_PASSWORD"] = "wrong" });

        Assert.True(tailed == 0, tailError);
        Assert.Contains("\"value\":\"hello\"", Assert.Single(output), StringComparison.Ordinal);
        foreach (string server in (string[])["Kafka", "registry"])
        {
            Assert.Contains(checkedLines, line => line.StartsWith($"✓ {server} ", StringComparison.Ordinal));
            Assert.Contains(refusedLines, line => line.StartsWith($"✗ {server} ", StringComparison.Ordinal));
        }
        Assert.DoesNotContain("correct=horse", broker.Error + string.Join('\n', broker.Output), StringComparison.Ordinal);
    }
}
