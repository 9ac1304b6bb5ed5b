using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Assay.Broker.Bench;

/// <summary>A broker in a process of its own, in a folder of its own: this project's, or Apache Kafka's.</summary>
internal sealed class BrokerUnderTest : IAsyncDisposable
{
    public const string Ours = "assay";
    public const string Theirs = "apache";
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private BrokerUnderTest(string name, Process process, int port, TimeSpan answeredAfter)
    {
        Name = name;
        _process = process;
        Bootstrap = $"127.0.0.1:{port}";
        AnsweredAfter = answeredAfter;
    }

    public string Name { get; }

    public string Bootstrap { get; }

    /// <summary>From the start of the process to the first answer to a metadata request.</summary>
    public TimeSpan AnsweredAfter { get; }

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident megabytes now.</summary>
    public long Resident => Status("VmRSS:");

    /// <summary>The most resident megabytes so far.</summary>
    public long MostResident => Status("VmHWM:");

    /// <summary>Both brokers, each started when its turn comes and ended after it, so that neither takes from the other.</summary>
    public static async Task InTurnsAsync(string kafkaHome, int runs, Func<BrokerUnderTest, Task> measure, CancellationToken ct)
    {
        for (int run = 0; run < runs; run++)
            foreach (string name in (string[])[Theirs, Ours])
            {
                string folder = Directory.CreateTempSubdirectory("assay-bench-").FullName;
                try
                {
                    await using BrokerUnderTest broker = await StartAsync(name, folder, kafkaHome, ct);
                    await measure(broker);
                }
                finally
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
    }

    public static async Task<BrokerUnderTest> StartAsync(string name, string folder, string kafkaHome, CancellationToken ct)
    {
        int port = FreePort();
        ProcessStartInfo start = name == Ours
            ? new(Path.Combine(Root, "src", "Cli", "bin", "Release", "net10.0", "assay"), ["broker", "--data", folder, "--port", $"{port}", "--registry-port", "0"])
            : new(Path.Combine(kafkaHome, "bin", "kafka-server-start.sh"), [await FormattedAsync(folder, port, kafkaHome, ct)]);
        // As the launcher does.
        foreach ((string variable, string value) in ((string, string)[])[
            ("MALLOC_ARENA_MAX", "2"), ("DOTNET_TC_QuickJit", "1"), ("DOTNET_TieredPGO", "0"), ("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "0")])
            start.Environment[variable] = value;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        Stopwatch elapsed = Stopwatch.StartNew();
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!await AnswersAsync(port, ct))
        {
            if (process.HasExited || elapsed.Elapsed > StartBound)
                throw new InvalidOperationException($"The {name} broker did not start on port {port}.");
            await Task.Delay(TimeSpan.FromMilliseconds(1), ct);
        }
        return new BrokerUnderTest(name, process, port, elapsed.Elapsed);
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The checkout.</summary>
    private static string Root => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", ".."));

    /// <summary>Apache Kafka's settings for one node on loopback, and its formatted folder.</summary>
    private static async Task<string> FormattedAsync(string folder, int port, string kafkaHome, CancellationToken ct)
    {
        string path = Path.Combine(folder, "server.properties");
        if (File.Exists(path))
            return path;
        int controller = FreePort();
        await File.WriteAllTextAsync(path, $"""
            process.roles=broker,controller
            node.id=1
            controller.quorum.voters=1@127.0.0.1:{controller}
            listeners=CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
            advertised.listeners=CLIENTS://127.0.0.1:{port}
            listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT
            inter.broker.listener.name=CLIENTS
            controller.listener.names=CONTROLLER
            log.dirs={Path.Combine(folder, "log")}
            num.partitions=1
            log.retention.ms=-1
            offsets.topic.replication.factor=1
            offsets.topic.num.partitions=5
            transaction.state.log.replication.factor=1
            transaction.state.log.min.isr=1
            group.initial.rebalance.delay.ms=0
            """, ct);
        await Tool.RunAsync(kafkaHome, "kafka-storage.sh", ["format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", path], ct);
        return path;
    }

    /// <summary>Sends Metadata v1 for all topics.</summary>
    private static async Task<bool> AnswersAsync(int port, CancellationToken ct)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, ct);
            await socket.SendAsync((byte[])[0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], ct);
            byte[] answer = new byte[8];
            for (int read = 0; read < answer.Length;)
            {
                int more = await socket.ReceiveAsync(answer.AsMemory(read), ct);
                if (more == 0)
                    return false;
                read += more;
            }
            return BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(4)) == 1;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private long Status(string name) =>
        long.Parse(File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) / 1024;
}
