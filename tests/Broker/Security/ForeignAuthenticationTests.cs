using Assay.Broker.Tests.Support;
using Confluent.Kafka;

namespace Assay.Broker.Tests.Security;

/// <summary>Clients that no one here wrote prove who they are, or fail to.</summary>
public sealed class ForeignAuthenticationTests(SecuredBrokers brokers) : IClassFixture<SecuredBrokers>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    public static TheoryData<string, bool> Ways => new() { { "SCRAM-SHA-256", false }, { "SCRAM-SHA-512", false }, { "SCRAM-SHA-256", true }, { "SCRAM-SHA-512", true }, { "PLAIN", true } };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Librdkafka_writes_and_reads(string mechanism, bool tls)
    {
        ClientConfig config = Config(mechanism, tls);
        string topic = $"librdkafka-{mechanism}";
        using (IProducer<string, string> producer = new ProducerBuilder<string, string>(new ProducerConfig(config) { EnableIdempotence = true }).SetLogHandler((_, _) => { }).Build())
            foreach (string value in (string[])["0", "1", "2"])
                await producer.ProduceAsync(topic, new Message<string, string> { Value = value }, TestContext.Current.CancellationToken);

        using IConsumer<string, string> consumer = new ConsumerBuilder<string, string>(new ConsumerConfig(config) { GroupId = topic, AutoOffsetReset = AutoOffsetReset.Earliest })
            .SetLogHandler((_, _) => { }).Build();
        consumer.Subscribe(topic);
        string[] read = [.. Enumerable.Range(0, 3).Select(_ => consumer.Consume(Bound)?.Message.Value ?? "nothing")];
        consumer.Close();

        Assert.Equal(["0", "1", "2"], read);
    }

    [Theory]
    [InlineData("SCRAM-SHA-256", SecuredBrokers.User, "wrong", true)]
    [InlineData("SCRAM-SHA-512", "nobody", SecuredBrokers.Password, false)]
    [InlineData("PLAIN", SecuredBrokers.User, "wrong", true)]
    [InlineData("PLAIN", "nobody", SecuredBrokers.Password, true)]
    public void Librdkafka_is_told_that_user_or_password_is_wrong(string mechanism, string user, string password, bool tls)
    {
        ClientConfig config = Config(mechanism, tls);
        (config.SaslUsername, config.SaslPassword) = (user, password);

        Assert.Equal(ErrorCode.Local_Authentication, FirstError(config).Code);
    }

    [Fact]
    public void Librdkafka_is_told_that_plain_is_not_there_without_tls()
    {
        ClientConfig config = Config("PLAIN", tls: false);

        Error error = FirstError(config);

        Assert.Equal(ErrorCode.Local_Authentication, error.Code);
        Assert.Contains("SCRAM-SHA-256", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Librdkafka_does_not_trust_an_authority_that_it_was_not_given()
    {
        ClientConfig config = Config("SCRAM-SHA-256", tls: true);
        using TestCertificates others = new();
        config.SslCaLocation = others.Authority;

        Assert.Equal(ErrorCode.Local_Ssl, FirstError(config).Code);
    }

    [Fact]
    public async Task User_whose_name_needs_escaping_is_known()
    {
        ClientConfig config = Config("SCRAM-SHA-512", tls: false);
        (config.SaslUsername, config.SaslPassword) = ("comma,equals=name", "other");
        using IAdminClient admin = new AdminClientBuilder(config).SetLogHandler((_, _) => { }).Build();

        Assert.Single((await admin.DescribeClusterAsync()).Nodes);
    }

    [Theory]
    [InlineData("SCRAM-SHA-512", false)]
    [InlineData("PLAIN", true)]
    public async Task Kcat_reads_what_it_wrote(string mechanism, bool tls)
    {
        string kcat = Foreign.Program("kcat", "apt-get install kcat");
        string[] arguments =
        [
            "-b", Broker(tls).Bootstrap, "-X", $"security.protocol={(tls ? "sasl_ssl" : "sasl_plaintext")}", "-X", $"sasl.mechanism={mechanism}", "-X", $"sasl.username={SecuredBrokers.User}",
            "-X", $"sasl.password={SecuredBrokers.Password}", .. tls ? (string[])["-X", $"ssl.ca.location={brokers.Certificates.Authority}"] : [], "-t", $"kcat-{mechanism}",
        ];

        await Shell.RunAsync(kcat, [.. arguments, "-P"], "one\ntwo\n");

        Assert.Equal("one\ntwo\n", await Shell.RunAsync(kcat, [.. arguments, "-C", "-o", "beginning", "-e", "-q"]));
    }

    [Theory]
    [InlineData("SCRAM-SHA-256", true)]
    [InlineData("SCRAM-SHA-512", false)]
    [InlineData("PLAIN", true)]
    public async Task Kafkajs_writes_and_reads(string mechanism, bool tls)
    {
        string node = Foreign.Program("node", "install Node.js 18 or later");

        string output = await Shell.RunAsync(node, [Script("sasl.cjs"), Foreign.NodePackage("kafkajs"), .. Arguments(mechanism, tls)], environment: Secret);

        Assert.Equal("0,1,2\n", output);
    }

    [Theory]
    [InlineData("SCRAM-SHA-256", false)]
    [InlineData("SCRAM-SHA-512", true)]
    [InlineData("PLAIN", true)]
    public async Task Python_kafka_writes_and_reads(string mechanism, bool tls)
    {
        Assert.SkipUnless(File.Exists("/usr/lib/python3/dist-packages/kafka/__init__.py"), "python3-kafka is not on this machine: apt-get install python3-kafka.");

        string output = await Shell.RunAsync("/usr/bin/python3", [Script("sasl.py"), .. Arguments(mechanism, tls)], environment: Secret);

        Assert.Equal("0,1,2\n", output);
    }

    [Fact]
    public async Task Console_tools_of_Apache_Kafka_write_read_and_are_refused()
    {
        using TemporaryFolder folder = new();
        string Settings(string name, string password)
        {
            string path = folder[name];
            File.WriteAllText(path, $"""
                security.protocol=SASL_SSL
                sasl.mechanism=SCRAM-SHA-512
                sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="{SecuredBrokers.User}" password="{password}";
                ssl.truststore.type=PEM
                ssl.truststore.location={brokers.Certificates.Authority}
                """);
            return path;
        }
        string[] bootstrap = ["--bootstrap-server", brokers.Encrypted.Bootstrap, "--topic", "console"];
        // A properties file is read as Latin-1 but for escapes.
        string right = Settings("right", SecuredBrokers.Password.Replace("é", "\\u00e9", StringComparison.Ordinal));

        await Shell.RunAsync(Foreign.KafkaTool("kafka-console-producer.sh"), [.. bootstrap, "--command-config", right], "one\ntwo\n");
        Task<string> read = Shell.RunAsync(
            Foreign.KafkaTool("kafka-console-consumer.sh"), [.. bootstrap, "--command-config", right, "--from-beginning", "--max-messages", "2"]);
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(
            () => Shell.RunAsync(Foreign.KafkaTool("kafka-topics.sh"), [.. bootstrap, "--command-config", Settings("wrong", "wrong"), "--describe"]));

        Assert.Equal("one\ntwo\n", await read);
        Assert.Contains("SaslAuthenticationException", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Passwords_are_not_logged()
    {
        FirstError(new ClientConfig(Config("PLAIN", tls: true)) { SaslPassword = "mistyped-secret" });

        string[] lines = [.. brokers.Log.Lines.Select(line => line.Text)];
        Assert.Contains(lines, line => line.Contains("user or password is wrong", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains(SecuredBrokers.Password, StringComparison.Ordinal) || line.Contains("mistyped-secret", StringComparison.Ordinal));
    }

    private static IReadOnlyDictionary<string, string> Secret => new Dictionary<string, string> { ["SASL_PASSWORD"] = SecuredBrokers.Password };

    private KafkaBroker Broker(bool tls) => tls ? brokers.Encrypted : brokers.Bare;

    private string[] Arguments(string mechanism, bool tls) => [Broker(tls).Bootstrap, mechanism, SecuredBrokers.User, tls ? brokers.Certificates.Authority : ""];

    private static string Script(string name) => Repository.File("tests", "Broker", "Security", name);

    private ClientConfig Config(string mechanism, bool tls) => new()
    {
        BootstrapServers = Broker(tls).Bootstrap,
        SecurityProtocol = tls ? SecurityProtocol.SaslSsl : SecurityProtocol.SaslPlaintext,
        SslCaLocation = tls ? brokers.Certificates.Authority : null,
        SaslMechanism = mechanism switch { "PLAIN" => SaslMechanism.Plain, "SCRAM-SHA-256" => SaslMechanism.ScramSha256, _ => SaslMechanism.ScramSha512 },
        SaslUsername = SecuredBrokers.User,
        SaslPassword = SecuredBrokers.Password,
    };

    private static Error FirstError(ClientConfig config)
    {
        TaskCompletionSource<Error> first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using IAdminClient admin = new AdminClientBuilder(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, error) => first.TrySetResult(error)).Build();
        Assert.True(first.Task.Wait(Bound, TestContext.Current.CancellationToken), "librdkafka says nothing");
        return first.Task.Result;
    }
}
