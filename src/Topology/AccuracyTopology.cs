using Assay.Avro.Registry;
using Assay.Schemas;
using Assay.Streams;
using Assay.Topology.Internal.State;
using Assay.Topology.Internal.Wiring;

namespace Assay.Topology;

/// <summary>The accuracy topology: both inputs of a pair meet in one task, whose state is one store with one changelog.</summary>
public static class AccuracyTopology
{
    /// <summary>The consumer group, and the prefix of the changelog's name.</summary>
    public const string ApplicationId = "assay-accuracy";

    /// <summary>Windows, rounds and stream time.</summary>
    public const string StoreName = "accuracy-state";

    /// <summary>Builds it. Run it with <see cref="DeadLetters"/> as the handler of deserialization and processing failures.</summary>
    /// <param name="options">What the records depend on.</param>
    /// <param name="registry">Has the schemas of the inputs' writers; gets that of the records where they are Avro.</param>
    /// <param name="topics">Where it reads and writes; null: the topics that all roles share.</param>
    /// <exception cref="UserException">The options cannot work; names the setting.</exception>
    public static Streams.Topology Build(AccuracyOptions options, ISchemaRegistryClient registry, AccuracyTopics? topics = null)
    {
        options.Check();
        topics ??= new AccuracyTopics();
        StateSerde state = new(options);
        Streams.Topology topology = new();
        // Added first: at equal times an answer goes before a quote.
        TopologyNode<NoKey, IInput> contracts = topology.AddSource<NoKey, IInput>("contracts-source", NoKey.Serde, new InputSerde<ContractAnswer>(registry), topics.Contracts);
        TopologyNode<NoKey, IInput> apis = topology.AddSource<NoKey, IInput>("apis-source", NoKey.Serde, new InputSerde<Quote>(registry), topics.Apis);
        TopologyNode<string, Accuracy> join = topology.AddProcessor("accuracy-join", () => new AccuracyProcessor(options), contracts, apis);
        topology.AddStateStore(Stores.KeyValueStore<StateKey, StateEntry>(StoreName, state, state), join);
        ISerde<Accuracy> records = options.Format == AccuracyFormat.Avro ? new AccuracyAvroSerde(registry, topics.Accuracy) : new AccuracyJsonSerde();
        return topology.AddSink("accuracy-sink", topics.Accuracy, Serdes.String, records, join);
    }

    /// <summary>Sends what cannot be read or taken to <see cref="Topics.DeadLetters"/>, counted by reason (meter <c>Assay.Topology</c>); stops on anything else.</summary>
    public static IExceptionHandler DeadLetters(TimeProvider time) => new DeadLetterHandler(time);
}

/// <summary>The topology's inputs and output.</summary>
public sealed record AccuracyTopics(string Contracts = Topics.Contracts, string Apis = Topics.Apis, string Accuracy = Topics.Accuracy);
