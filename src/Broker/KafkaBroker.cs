using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Assay.Broker.Internal;
using Assay.Broker.Internal.Network;
using Assay.Broker.Internal.Security;
using Assay.Broker.Registry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Broker;

/// <summary>
/// A single-node broker that speaks the Kafka protocol, in this process; with a Confluent-compatible schema registry where asked for.
/// What it acknowledged is in its files: it survives the death of the process (kill -9) at any point. It is not waited for until the disk itself has it
/// (full segments are flushed in the background, everything on disposal), so a power cut can cost the last records.
/// For development, tests and the edge; production runs on Apache Kafka.
/// </summary>
public sealed class KafkaBroker : IAsyncDisposable
{
    private readonly FileStream? _lock;
    private readonly Node _node;
    private readonly Listener _listener;
    private readonly RegistryServer? _registry;
    private bool _disposed;

    /// <summary>For tests of what hostile clients may take.</summary>
    internal Listener Listener => _listener;

    private KafkaBroker(FileStream? folderLock, Node node, Listener listener, RegistryServer? registry)
    {
        _lock = folderLock;
        _node = node;
        _listener = listener;
        _registry = registry;
    }

    /// <summary>What the broker works on, for tests that look inside.</summary>
    internal Node Node => _node;

    /// <summary><c>host:port</c>, for clients' <c>bootstrap.servers</c>.</summary>
    public string Bootstrap => $"{HostName(_node.Options)}:{_node.Port}";

    /// <summary>The schema registry's base URL; null where none was asked for.</summary>
    public Uri? RegistryUrl => _registry?.Url;

    /// <summary>Starts a broker; it answers clients once this returns.</summary>
    /// <exception cref="BrokerException">The folder is in use or damaged, a port is taken, or the options would let in whom they should not.</exception>
    public static async Task<KafkaBroker> StartAsync(
        BrokerOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null, CancellationToken ct = default)
    {
        Stopwatch starting = Stopwatch.StartNew();
        ILogger logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("Assay.Broker");
        BrokerSecurity security = BrokerSecurity.Of(options);
        FileStream? folderLock = options.DataFolder is null ? null : LockFolder(options.DataFolder);
        Socket? socket = null;
        Node? node = null;
        Listener? listener = null;
        try
        {
            socket = Listener.Bind(options.Listen, options.Port);
            int port = options.AdvertisedPort ?? ((IPEndPoint)socket.LocalEndPoint!).Port;
            node = await Task.Run(() => new Node(options, port, logger, time ?? TimeProvider.System), ct);
            // Clients of the broker need not wait for the registry's web server.
            listener = new Listener(socket, node, security);
            RegistryServer? registry = options.RegistryPort is { } registryPort ? await RegistryServer.StartAsync(node, registryPort, security, ct) : null;
            KafkaBroker broker = new(folderLock, node, listener, registry);
            Log.Started(logger, broker.Bootstrap, options.DataFolder ?? "memory", starting.ElapsedMilliseconds);
            if (registry is not null)
                Log.RegistryStarted(logger, registry.Url);
            return broker;
        }
        catch (Exception failure)
        {
            if (listener is not null)
                await listener.DisposeAsync();
            node?.Dispose();
            socket?.Dispose();
            folderLock?.Dispose();
            if (failure is IOException or UnauthorizedAccessException)
                throw new BrokerException($"The broker cannot use the folder {options.DataFolder}: {failure.Message}", failure);
            throw;
        }
    }

    /// <summary>Closes all connections and files; takes a few seconds at most.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        if (_registry is not null)
            await _registry.DisposeAsync();
        await _listener.DisposeAsync();
        _node.Dispose();
        if (_lock is not null)
            await _lock.DisposeAsync();
    }

    /// <summary>A name that leads to the broker from this machine, in the form that stands before a port.</summary>
    internal static string HostName(BrokerOptions options)
    {
        if (options.AdvertisedHost is { } advertised)
            return advertised;
        IPAddress address = options.Listen.Equals(IPAddress.Any) ? IPAddress.Loopback : options.Listen.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : options.Listen;
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : $"{address}";
    }

    private static FileStream LockFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure)
        {
            throw new BrokerException($"The folder {folder} is in use by another broker, or cannot be written ({failure.Message}). Stop that broker or choose another folder.", failure);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new BrokerException($"The folder {folder} cannot be written: {failure.Message} Choose another folder or mend its permissions.", failure);
        }
    }
}
