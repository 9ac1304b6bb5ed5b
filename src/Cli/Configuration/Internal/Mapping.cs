using System.Text.RegularExpressions;
using Assay.Ingest.Apis;
using Assay.Ingest.Contracts;
using Assay.Schemas;
using Assay.Topology;
using Confluent.Kafka;

namespace Assay.Cli.Configuration.Internal;

/// <summary>Every key of the configuration and the option it becomes. The JSON Schema says the same; a test compares the two.</summary>
internal static partial class Mapping
{
    public static readonly IReadOnlyList<(string Word, SecurityProtocol Value)> Protocols =
    [
        ("plaintext", SecurityProtocol.Plaintext),
        ("ssl", SecurityProtocol.Ssl),
        ("sasl_plaintext", SecurityProtocol.SaslPlaintext),
        ("sasl_ssl", SecurityProtocol.SaslSsl),
    ];

    public static readonly IReadOnlyList<(string Word, SaslMechanism Value)> Mechanisms =
    [
        ("scram-sha-512", SaslMechanism.ScramSha512),
        ("scram-sha-256", SaslMechanism.ScramSha256),
        ("plain", SaslMechanism.Plain),
    ];

    public static readonly IReadOnlyList<(string Word, AverageMethod Value)> Averages = [("mean", AverageMethod.Mean), ("median", AverageMethod.Median)];

    public static readonly IReadOnlyList<(string Word, AccuracyFormat Value)> Formats = [("json", AccuracyFormat.Json), ("avro", AccuracyFormat.Avro)];

    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    public static AssayConfiguration Read(Section root)
    {
        // Editors look for it; the program does not.
        root.Text("$schema");
        Section kafka = root.Inner("kafka");
        (KafkaConnection connection, TopicLayout topics) = (Kafka(kafka), Topics(kafka.Inner("topics")));
        kafka.Done();
        List<ChainOptions> chains = [.. root.Named("chains").Select(entry => Chain(entry.Name, entry.Section))];
        AssayConfiguration configuration = new()
        {
            Kafka = connection,
            Topics = topics,
            Chains = chains,
            Feeds = [.. root.Named("feeds").Select(entry => Feed(entry.Name, entry.Section, chains))],
            Sources = [.. root.Named("sources").Select(entry => Source(entry.Name, entry.Section))],
            Accuracy = Accuracy(root.Inner("accuracy")),
            Database = Database(root.Inner("database")),
        };
        root.Done();
        return configuration;
    }

    private static KafkaConnection Kafka(Section kafka)
    {
        Section security = kafka.Inner("security");
        KafkaConnection connection = new()
        {
            Bootstrap = kafka.Text("bootstrap", "localhost:9092")!,
            Registry = kafka.Url("registry", new Uri("http://localhost:8081"), "http", "https"),
            Instance = kafka.Text("instance"),
            RegistryUser = security.Text("registry_user"),
            RegistryPassword = security.Secret("registry_password"),
            Security = security.OneOf("protocol", SecurityProtocol.Plaintext, Protocols),
            Mechanism = security.OneOf("mechanism", SaslMechanism.ScramSha512, Mechanisms),
            User = security.Text("user"),
            Password = security.Secret("password"),
            CertificateAuthority = security.Text("certificate_authority"),
        };
        if (!Bootstrap().IsMatch(connection.Bootstrap))
            kafka.Refuse("bootstrap", "kafka.bootstrap must be host:port, or several separated by commas.");
        if (connection.Security is SecurityProtocol.SaslPlaintext or SecurityProtocol.SaslSsl && (connection.User is null || connection.Password is null))
            security.Refuse("protocol", "kafka.security.protocol asks for a user: set kafka.security.user and kafka.security.password.");
        security.Done();
        return connection;
    }

    private static TopicLayout Topics(Section topics)
    {
        TopicLayout layout = new(
            topics.Whole("partitions", 3, 1, 10_000),
            (short)topics.Whole("replication", 1, 1, 100),
            topics.Duration("retention", TimeSpan.FromHours(1), unlimited: "forever"));
        topics.Done();
        return layout;
    }

    private static ChainOptions Chain(string name, Section chain)
    {
        ChainOptions usual = new() { Name = name, ChainId = 1, Endpoints = [] };
        ChainOptions options = usual with
        {
            ChainId = chain.Whole("id", 0, 1, int.MaxValue),
            Endpoints = chain.Urls("endpoints", "http", "https", "ws", "wss"),
            MaxBlockRange = chain.Whole("max_block_range", usual.MaxBlockRange, 1, 1_000_000),
            StartBlocksBack = chain.Whole("start_blocks_back", usual.StartBlocksBack, 0, int.MaxValue),
            PollEvery = chain.Duration("poll_every", usual.PollEvery, TimeSpan.FromMilliseconds(50)),
        };
        if (options.ChainId == 0)
            chain.Refuse("id", $"{chain.Full("id")} is missing or wrong; it is the chain's EIP-155 number, 1 for Ethereum's main network.");
        if (options.Endpoints.Count == 0)
            chain.Refuse("endpoints", $"{chain.Full("endpoints")} names no node to ask; list at least one http(s):// or ws(s):// URL.");
        chain.Done();
        return options;
    }

    private static FeedOptions Feed(string name, Section feed, List<ChainOptions> chains)
    {
        FeedOptions options = new()
        {
            Name = name,
            Pair = Pair(feed, "pair", feed.RequiredText("pair")),
            Chain = feed.RequiredText("chain"),
            Proxy = Address(feed, "proxy"),
            Aggregator = Address(feed, "aggregator"),
            Heartbeat = feed.RequiredDuration("heartbeat", TimeSpan.FromSeconds(1)),
            DeviationThreshold = feed.Number("deviation_threshold", null, 0, 100),
        };
        if (options.Chain.Length > 0 && chains.All(chain => chain.Name != options.Chain))
            feed.Refuse("chain", $"{feed.Full("chain")} is \"{options.Chain}\", which is not among chains{Suggestion.For(options.Chain, chains.Select(chain => chain.Name))}");
        if (options.Proxy is null == options.Aggregator is null)
            feed.Refuse("proxy", $"{feed.Full("proxy")} or {feed.Full("aggregator")} must be there, one of the two: the address of the proxy contract, or of an aggregator without one.");
        feed.Done();
        return options;
    }

    private static SourceOptions Source(string name, Section source)
    {
        SourceOptions usual = new() { Name = name, Requests = [] };
        SourceOptions options = usual with
        {
            Requests = [.. source.Each("requests").Select(Request)],
            Every = source.Duration("every", usual.Every, TimeSpan.FromMilliseconds(50), TimeSpan.FromDays(1)),
            Timeout = source.Duration("timeout", usual.Timeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(5)),
            Headers = source.Texts("headers"),
            MaxAge = source.Duration("max_age", Millisecond),
        };
        if (options.Requests.Count == 0)
            source.Refuse("requests", $"{source.Full("requests")} names nothing to ask for; list at least one request.");
        source.Done();
        return options;
    }

    private static RequestOptions Request(Section request)
    {
        RequestOptions options = new()
        {
            Url = request.Url("url", "http", "https"),
            ShownUrl = request.Unfilled("url"),
            EventType = request.RequiredText("event_type"),
            Prices = [.. request.Named("prices").Select(entry => Price(entry.Name, entry.Section))],
        };
        if (options.Prices.Count == 0)
            request.Refuse("prices", $"{request.Full("prices")} says where no price stands; name at least one pair.");
        request.Done();
        return options;
    }

    private static PriceOptions Price(string pair, Section price)
    {
        PriceOptions options = new() { Pair = Pair(price, "price", pair), Price = Pointer(price, "price", price.RequiredText("price"))!, Time = Pointer(price, "time", price.Text("time")) };
        price.Done();
        return options;
    }

    private static AccuracyOptions Accuracy(Section accuracy)
    {
        AccuracyOptions usual = new() { Feeds = [], Sources = [] };
        AccuracyOptions options = usual with
        {
            Window = accuracy.Duration("window", usual.Window, Millisecond),
            Grace = accuracy.Duration("grace", usual.Grace, TimeSpan.Zero),
            Average = accuracy.OneOf("average", usual.Average, Averages),
            MinSources = accuracy.Whole("min_sources", usual.MinSources, 1, 1_000),
            MaxAverageAge = accuracy.Duration("max_average_age", TimeSpan.Zero),
            HeartbeatSlack = accuracy.Duration("heartbeat_slack", usual.HeartbeatSlack, TimeSpan.Zero),
            DeviationSlack = accuracy.Number("deviation_slack", usual.DeviationSlack, 0, 100),
            ReviseWithin = accuracy.Duration("revise_within", usual.ReviseWithin, TimeSpan.Zero),
            Format = accuracy.OneOf("format", usual.Format, Formats),
        };
        accuracy.Done();
        return options;
    }

    private static DatabaseConnection Database(Section database)
    {
        DatabaseConnection usual = new();
        DatabaseConnection options = new()
        {
            Host = database.Text("host", usual.Host)!,
            Port = database.Whole("port", usual.Port, 1, 65_535),
            Name = database.Text("name", usual.Name)!,
            User = database.Text("user", usual.User)!,
            Password = database.Secret("password"),
            Retention = database.Duration("retention", TimeSpan.FromDays(1), unlimited: "forever"),
        };
        database.Done();
        return options;
    }

    private static string Pair(Section section, string key, string pair)
    {
        if (pair.Length > 0 && !PairName().IsMatch(pair))
            section.Refuse(key, $"{section.Full(key)}: \"{pair}\" is no pair; write base and quote in capitals, like \"ETH-USD\".");
        return pair;
    }

    private static string? Address(Section section, string key)
    {
        string? address = section.Text(key);
        if (address is null || ContractAddress().IsMatch(address))
            return address;
        section.Refuse(key, $"{section.Full(key)} must be a contract's address, 0x and 40 hexadecimal digits.");
        return address;
    }

    private static string? Pointer(Section section, string key, string? pointer)
    {
        if (!string.IsNullOrEmpty(pointer) && pointer[0] != '/')
            section.Refuse(key, $"{section.Full(key)} must be a JSON Pointer, which begins with a slash, like \"/ethereum/usd\".");
        return pointer;
    }

    [GeneratedRegex("^[A-Z0-9]+-[A-Z0-9]+$")]
    private static partial Regex PairName();

    [GeneratedRegex("^0x[0-9a-fA-F]{40}$")]
    private static partial Regex ContractAddress();

    [GeneratedRegex(@"^[^:,\s]+:[0-9]{1,5}(,[^:,\s]+:[0-9]{1,5})*$|^\[[0-9a-fA-F:]+\]:[0-9]{1,5}$")]
    private static partial Regex Bootstrap();
}
