using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Tests.Support;
using Confluent.Kafka;

namespace Assay.Broker.Tests.Hostile;

/// <summary>Clients that take as much as they are let of what all share, while another works.</summary>
public sealed class GreedyClientTests : IAsyncLifetime
{
    private const int Frame = 4 * 1024 * 1024;
    private const int InFlight = 8 * 1024 * 1024;
    private const int Many = 100;
    private const int Readers = 20;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    private readonly List<Socket> _greedy = [];
    private readonly DefectLog _log = new();
    private KafkaBroker _broker = null!;
    private HealthyClient _healthy = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _broker = await KafkaBroker.StartAsync(new BrokerOptions { MaxConnections = 2 * Many, MaxFrameBytes = Frame, MaxInFlightBytes = InFlight }, _log);
        _healthy = new HealthyClient(new ClientConfig { BootstrapServers = _broker.Bootstrap });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Socket socket in _greedy)
            socket.Dispose();
        await _healthy.DisposeAsync();
        await _broker.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task Announced_frames_that_do_not_come_hold_no_memory_that_others_need()
    {
        for (int index = 0; index < Many; index++)
            await SendAsync(await ConnectAsync(), Announced(Frame, sent: 60_000));
        // Records above what stays outside the shared memory.
        await _healthy.StartAsync(padding: 200_000);
        await WriteForAsync(TimeSpan.FromSeconds(1));

        (_, TimeSpan slowest) = await _healthy.StopAsync();

        Assert.Equal(InFlight, _broker.Listener.Received.Left);
        Assert.True(slowest < TimeSpan.FromSeconds(5), $"A record took {slowest}.");
    }

    [Fact]
    public async Task Frame_that_comes_slowly_is_cut_off_once_others_need_its_memory()
    {
        Socket[] hogs = [await ConnectAsync(), await ConnectAsync()];
        foreach (Socket hog in hogs)
            await SendAsync(hog, Announced(Frame - 1, sent: 70_000));
        await Eventually.True(() => _broker.Listener.Received.Left < 100, "two frames have taken all the memory");

        await _healthy.StartAsync(padding: 200_000);
        // What one of them had may be enough: then nobody waits for the other's.
        Assert.True(await await Task.WhenAny(hogs.Select(IsCutOffAsync)), "The hogs keep their memory.");
        await WriteForAsync(TimeSpan.FromSeconds(1));
        (_, TimeSpan slowest) = await _healthy.StopAsync();

        Assert.True(slowest < Soon, $"A record took {slowest}.");
    }

    [Fact]
    public async Task Readers_that_do_not_read_leave_memory_for_the_others()
    {
        using (IProducer<Null, byte[]> producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = _broker.Bootstrap }).SetLogHandler((_, _) => { }).Build())
            for (int index = 0; index < 40; index++)
                await producer.ProduceAsync("large", new Message<Null, byte[]> { Value = new byte[500_000] }, Ct);
        FetchRequest fetch = new()
        {
            MaxBytes = int.MaxValue, Topics = [new FetchRequest.FetchTopic { Topic = "large", Partitions = [new FetchRequest.FetchTopic.FetchPartition { PartitionMaxBytes = int.MaxValue }] }],
        };
        List<RawClient> readers = [];
        for (int index = 0; index < Readers; index++)
        {
            readers.Add(await RawClient.ConnectAsync(_broker));
            // More than the system takes off the broker's hands.
            for (int request = 0; request < 15; request++)
                await readers[^1].SendAsync(1, 11, fetch);
        }
        await Eventually.True(() => _broker.Listener.Fetched.Left < InFlight / 4, "most of the memory for answers is taken");

        await _healthy.StartAsync(padding: 1_000);
        await WriteForAsync(TimeSpan.FromSeconds(1));
        (_, TimeSpan slowest) = await _healthy.StopAsync();
        // One batch, which is never refused, a reader.
        Assert.True(_broker.Listener.Fetched.Left > -Readers * 600_000L, $"{_broker.Listener.Fetched.Left} bytes are left.");
        readers.ForEach(reader => reader.Dispose());

        Assert.True(slowest < TimeSpan.FromSeconds(5), $"A record took {slowest}.");
        await Eventually.True(() => _broker.Listener.Fetched.Left == InFlight, "the memory is given back");
    }

    [Fact]
    public async Task Connection_of_a_client_that_left_while_its_request_waits_is_given_up()
    {
        using RawClient member = await RawClient.ConnectAsync(_broker);
        JoinGroupRequest join = new()
        {
            GroupId = "waiting", SessionTimeoutMs = 600_000, RebalanceTimeoutMs = int.MaxValue, ProtocolType = "consumer", Protocols = [new JoinGroupRequest.Protocol { Name = "range" }],
        };
        await member.AskAsync<JoinGroupResponse>(11, 3, join);
        for (int index = 0; index < 10; index++)
        {
            using RawClient second = await RawClient.ConnectAsync(_broker);
            await second.SendAsync(11, 3, join);
        }

        await Eventually.True(() => _broker.Listener.Connections == 1, "only the first member's connection is left", Soon);
    }

    [Fact]
    public async Task Garbage_to_a_listener_with_tls_closes_the_connection_and_harms_no_other()
    {
        using TestCertificates certificates = new();
        await using KafkaBroker broker = await KafkaBroker.StartAsync(new BrokerOptions { Tls = new TlsOptions(certificates.Certificate, certificates.Key) }, _log, ct: Ct);
        await using HealthyClient healthy = new(new ClientConfig { BootstrapServers = broker.Bootstrap, SecurityProtocol = SecurityProtocol.Ssl, SslCaLocation = certificates.Authority });
        await healthy.StartAsync(padding: 1_000);
        int seed = Random.Shared.Next();
        using (HostileClients hostile = new(broker.Bootstrap, seed, mostLingering: 20))
            await hostile.RunAsync(300, Ct);

        await healthy.StopAsync();

        Assert.True(_log.Defects.IsEmpty, $"seed {seed}: {string.Join("\n", _log.Defects)}");
    }

    private static Task WriteForAsync(TimeSpan span) => Task.Delay(span, Ct);

    private static byte[] Announced(int length, int sent)
    {
        byte[] bytes = new byte[sent];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        return bytes;
    }

    private static async Task SendAsync(Socket socket, byte[] bytes)
    {
        for (int sent = 0; sent < bytes.Length;)
            sent += await socket.SendAsync(bytes.AsMemory(sent), Ct);
    }

    private static async Task<bool> IsCutOffAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1], Ct).AsTask().WaitAsync(Soon, Ct) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private async Task<Socket> ConnectAsync()
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        _greedy.Add(socket);
        await socket.ConnectAsync(IPEndPoint.Parse(_broker.Bootstrap), Ct);
        return socket;
    }
}
