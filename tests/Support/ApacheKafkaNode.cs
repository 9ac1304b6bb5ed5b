using System.Net;
using System.Net.Sockets;

namespace Assay.Tests.Support;

/// <summary>One node of Apache Kafka, from the distribution that KAFKA_HOME names; it ends with this object, and with this process.</summary>
public sealed class ApacheKafkaNode : IDisposable
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(120);
    // ApiVersions version 0, without a client id.
    private static readonly byte[] AnyoneThere = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

    private readonly TemporaryFolder _folder;
    private readonly ChildProcess _process;

    private ApacheKafkaNode(TemporaryFolder folder, ChildProcess process, int port)
    {
        _folder = folder;
        _process = process;
        Bootstrap = $"127.0.0.1:{port}";
    }

    /// <summary><c>host:port</c>.</summary>
    public string Bootstrap { get; }

    /// <summary>Starts a node and waits until it answers; a skip without KAFKA_HOME.</summary>
    /// <param name="settings">Broker settings, each <c>name=value</c>, beside those of a single node.</param>
    /// <param name="arguments">What else the starting script is to be given.</param>
    public static async Task<ApacheKafkaNode> StartAsync(IEnumerable<string>? settings = null, IEnumerable<string>? arguments = null)
    {
        string program = Foreign.KafkaTool("one-node.sh");
        TemporaryFolder folder = new();
        // Its controller takes the next port too, which someone else may have: then it ends at once, and another pair is tried.
        for (int attempt = 0; attempt < 5; attempt++)
        {
            int port = FreePort.Lasting();
            string data = folder[$"{port}"];
            Directory.CreateDirectory(data);
            await File.WriteAllLinesAsync(Path.Combine(data, "extra.properties"), settings ?? []);
            // It lives for seconds, in which the first compiler's code pays and the second's does not.
            ChildProcess process = ChildProcess.StartLeashed(folder[$"{port}.log"], ["/usr/bin/env", "KAFKA_JVM_OPTS=-XX:TieredStopAtLevel=1", program, data, $"{port}", .. arguments ?? []]);
            await Eventually.True(async () => process.HasExited || await Answers(port), "Apache Kafka answers", StartBound);
            if (!process.HasExited)
                return new ApacheKafkaNode(folder, process, port);
            process.Dispose();
        }
        folder.Dispose();
        throw new InvalidOperationException("Apache Kafka ends as soon as it is started.");
    }

    public void Dispose()
    {
        _process.Dispose();
        _folder.Dispose();
    }

    private static async Task<bool> Answers(int port)
    {
        try
        {
            using TcpClient client = new();
            await client.ConnectAsync(IPAddress.Loopback, port);
            await client.GetStream().WriteAsync(AnyoneThere);
            return await client.GetStream().ReadAsync(new byte[4]) > 0;
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return false;
        }
    }
}
