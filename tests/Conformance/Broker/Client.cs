using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Requests;
using Assay.Broker.Internal.Wire;
using Assay.Broker.Tests.Support;

namespace Assay.Conformance.Tests.Broker;

/// <summary>One connection to a broker, with the questions that tests ask most.</summary>
internal sealed class Client(Target target, string bootstrap, RawClient connection) : IDisposable
{
    private static readonly Dictionary<Type, RequestHandler> Handlers = RequestTable.All.ToDictionary(handler => handler.GetType().BaseType!.GetGenericArguments()[0]);

    /// <summary>Markers carry today's time: beside records of long ago they would begin a segment, where a fetch of Apache Kafka's ends.</summary>
    private static readonly (string Name, string Value) Segments = ("segment.ms", $"{long.MaxValue}");

    public Target Target { get; } = target;

    /// <summary><c>host:port</c>.</summary>
    public string Bootstrap { get; } = bootstrap;

    public RawClient Connection { get; } = connection;

    public void Dispose() => Connection.Dispose();

    /// <summary>Sends a request, in the highest version that our broker serves unless another is named, and reads its answer to the last byte.</summary>
    public Task<TResponse> AskAsync<TResponse>(IMessage request, short? version = null) where TResponse : IMessage, new()
    {
        RequestHandler handler = Handlers[request.GetType()];
        return Connection.AskAsync<TResponse>(handler.Key, version ?? handler.Highest, request);
    }

    /// <summary>Asks again until the answer is no longer one that says "come again".</summary>
    public async Task<TResponse> AskUntilAsync<TResponse>(IMessage request, Func<TResponse, bool> done, short? version = null) where TResponse : IMessage, new()
    {
        TResponse answer = new();
        await Eventually.True(async () => done(answer = await AskAsync<TResponse>(request, version)), $"{typeof(TResponse).Name} is as it should be");
        return answer;
    }

    /// <summary>A name that no other test uses.</summary>
    public static string NewName(string kind = "t") => $"{kind}-{Guid.NewGuid():N}";

    /// <summary>Makes a topic and waits until it can be written to.</summary>
    public async Task<string> TopicAsync(int partitions = 1, params (string Name, string Value)[] settings)
    {
        string name = NewName();
        await CreateAsync(name, partitions, settings);
        return name;
    }

    /// <inheritdoc cref="TopicAsync"/>
    public async Task CreateAsync(string name, int partitions = 1, params (string Name, string Value)[] settings)
    {
        CreateTopicsResponse made = await AskAsync<CreateTopicsResponse>(new CreateTopicsRequest
        {
            Topics =
            [
                new CreateTopicsRequest.CreatableTopic
                {
                    Name = name, NumPartitions = partitions, ReplicationFactor = 1, Configs = [.. settings.Append(Segments).Select(each => new NamedValue { Name = each.Name, Value = each.Value })],
                },
            ],
        });
        Assert.Equal(KafkaError.None, made.Topics[0].ErrorCode);
        await AskUntilAsync<ListOffsetsResponse>(
            new ListOffsetsRequest
            {
                ReplicaId = -1,
                Topics =
                [
                    new TopicOf<ListOffsetsRequest.Partition>
                    {
                        Name = name, Partitions = [.. Enumerable.Range(0, partitions).Select(index => new ListOffsetsRequest.Partition { PartitionIndex = index, Timestamp = -1 })],
                    },
                ],
            },
            answer => answer.Topics[0].Partitions.All(partition => partition.ErrorCode == KafkaError.None));
    }
}
