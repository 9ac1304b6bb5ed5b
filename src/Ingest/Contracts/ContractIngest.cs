using Assay.Avro.Registry;
using Assay.Ethereum;
using Assay.Ingest.Contracts.Internal;
using Assay.Schemas;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Assay.Ingest.Contracts;

/// <summary>
/// The role that brings each feed's answers from its chain to <see cref="Topics.Contracts"/>, every log exactly once: from a restart or a kill -9 on it goes on where the topic ends, and
/// of two instances the later one shuts the earlier one out. A log that a reorganisation takes back is written again as removed. Logs that are no valid answers
/// go to <see cref="Topics.DeadLetters"/>.
/// </summary>
/// <remarks>
/// Chain and Kafka may come and go: attempts are made again with growing pauses, counted (meter <c>Assay.Ingest.Contracts</c>), and said once. The very first start of a
/// feed begins <see cref="ChainOptions.StartBlocksBack"/> before the head. The topics must exist.
/// </remarks>
public sealed class ContractIngest
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<(ChainOptions Chain, FeedOptions[] Feeds)> _chains;
    private readonly KafkaConnection _kafka;
    private readonly ILogger _logger;
    private readonly ILogger _ethereumLogger;
    private readonly TimeProvider _time;

    /// <exception cref="UserException">A feed names no known chain, or not exactly one address.</exception>
    public ContractIngest(IReadOnlyList<ChainOptions> chains, IReadOnlyList<FeedOptions> feeds, KafkaConnection kafka, ILoggerFactory loggers, TimeProvider time)
    {
        foreach (FeedOptions feed in feeds)
            Check(feed, chains);
        _chains = [.. chains.Select(chain => (chain, feeds.Where(feed => feed.Chain == chain.Name).ToArray())).Where(chain => chain.Item2.Length > 0)];
        _kafka = kafka;
        _logger = loggers.CreateLogger<ContractIngest>();
        _ethereumLogger = loggers.CreateLogger<EthereumClient>();
        _time = time;
    }

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="UserException">A feed's address is not what it is configured to be, no endpoint serves the chain's id, Kafka refuses us, or another instance has taken over.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> running = [.. _chains.Select(chain => Task.Run(() => RunChainAsync(chain.Chain, chain.Feeds, stopping.Token), CancellationToken.None))];
        if (running.Count == 0)
            running.Add(Task.Delay(Timeout.InfiniteTimeSpan, _time, stopping.Token));
        // One that fails takes the others along; its failure is the role's.
        await Task.WhenAny(running);
        await stopping.CancelAsync();
        await Task.WhenAll(running);
    }

    /// <summary>Asks each feed's contracts once what they are, for <c>assay check</c>; a feed's problem does not hide the others.</summary>
    public async Task<IReadOnlyList<FeedResolution>> ResolveAsync(CancellationToken cancellationToken)
    {
        List<FeedResolution> resolutions = [];
        foreach ((ChainOptions chain, FeedOptions[] feeds) in _chains)
        {
            await using EthereumClient client = Client(chain);
            foreach (FeedOptions feed in feeds)
            {
                try
                {
                    resolutions.Add(await new FeedResolver(client, chain, feed).ResolveAsync(cancellationToken));
                }
                catch (Exception failure) when (failure is UserException or EthereumException)
                {
                    resolutions.Add(new FeedResolution(feed.Name, chain.Name, failure.Message));
                }
            }
        }
        return resolutions;
    }

    private async Task RunChainAsync(ChainOptions chain, FeedOptions[] feeds, CancellationToken cancellationToken)
    {
        await using EthereumClient client = Client(chain);
        using SchemaRegistryClient registry = _kafka.RegistryClient(_time);
        Outage kafkaOutage = new(FirstPause, LongestPause, _time, reason => Log.KafkaFails(_logger, chain.Name, reason), seconds => Log.KafkaHealed(_logger, chain.Name, seconds));
        Outage chainOutage = new(FirstPause, LongestPause, _time, reason => Log.ChainFails(_logger, chain.Name, reason), seconds => Log.ChainHealed(_logger, chain.Name, seconds));
        while (true)
        {
            try
            {
                await SessionAsync(chain, feeds, client, registry, kafkaOutage, chainOutage, cancellationToken);
            }
            catch (KafkaException failure) when (ContractsWriter.IsShutOut(failure))
            {
                throw new UserException(
                    $"Another process has begun to write the answers of chain {chain.Name} (id {chain.ChainId}), so this one stops; run one 'assay ingest contracts' for each chain.", failure);
            }
            catch (KafkaException failure) when (IsRefusal(failure.Error.Code))
            {
                throw new UserException(
                    $"Kafka at {_kafka.Bootstrap} refuses the writer of chain {chain.Name}: {failure.Error.Reason}; check its user, password and rights on topics and transactional ids.", failure);
            }
            catch (SchemaRegistryException failure) when (!failure.IsTransient)
            {
                throw new UserException(failure.Message, failure);
            }
            catch (Exception failure) when (failure is KafkaException or SchemaRegistryException && !cancellationToken.IsCancellationRequested)
            {
                Instruments.Failures.Add(1, new KeyValuePair<string, object?>("chain", chain.Name), new KeyValuePair<string, object?>("part", "kafka"));
                await Task.Delay(kafkaOutage.Fail(Reason(failure)), _time, cancellationToken);
            }
        }
    }

    /// <summary>One writer's life: shuts earlier ones out, learns from the topic where they were, follows the chain.</summary>
    private async Task SessionAsync(
        ChainOptions chain, FeedOptions[] feeds, EthereumClient client, SchemaRegistryClient registry, Outage kafkaOutage, Outage chainOutage, CancellationToken cancellationToken)
    {
        AvroSerializer<ContractPrice> serializer = new(registry, Topics.Contracts);
        await serializer.PrepareAsync(cancellationToken);
        using ContractsWriter writer = await ContractsWriter.OpenAsync(_kafka, chain.ChainId, serializer, cancellationToken);
        TopicMemory memory = new(new TopicTail(_kafka), new AvroDeserializer<ContractPrice>(registry), _time);
        IReadOnlyDictionary<string, LogLedger> ledgers = await memory.ReadAsync(chain, feeds, ChainFollower.ReorganisationDepth, cancellationToken);
        kafkaOutage.Succeed();
        FeedFollower[] followers =
        [
            .. feeds.Select(feed => new FeedFollower(feed, new AnswerReader(feed, chain.ChainId, _time), new FeedResolver(client, chain, feed), ledgers[feed.Name])),
        ];
        await new ChainFollower(chain, followers, client, writer, chainOutage, _logger, _time).RunAsync(cancellationToken);
    }

    private EthereumClient Client(ChainOptions chain)
    {
        try
        {
            return new EthereumClient(new EthereumClientOptions { Name = chain.Name, ChainId = chain.ChainId, Endpoints = chain.Endpoints }, _ethereumLogger, _time);
        }
        catch (EthereumException cause)
        {
            throw new UserException(cause.Message, cause);
        }
    }

    private static void Check(FeedOptions feed, IReadOnlyList<ChainOptions> chains)
    {
        if (chains.All(chain => chain.Name != feed.Chain))
            throw new UserException($"Feed {feed.Name} is on chain '{feed.Chain}', which is not configured; add it to the chains or correct the feed.");
        if (feed.Proxy is null == feed.Aggregator is null)
            throw new UserException($"Feed {feed.Name} needs the address of its proxy, or of an aggregator that is read without one: exactly one of 'proxy' and 'aggregator'.");
        string address = feed.Proxy ?? feed.Aggregator!;
        if (!Hex.IsFixed(address, 20))
            throw new UserException($"Feed {feed.Name}: '{address}' is no address; write 0x and 40 hex digits.");
    }

    private static bool IsRefusal(ErrorCode code) => code is ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed
        or ErrorCode.TransactionalIdAuthorizationFailed or ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication;

    private static string Reason(Exception failure) => failure is KafkaException kafka ? $"Kafka: {kafka.Error.Reason}." : failure.Message;
}
