using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Assay.Streams.Internal.Kafka;

/// <summary>The librdkafka handle inside a client of Confluent.Kafka, which keeps it to itself, and the library that it belongs to.</summary>
/// <remarks>Every use of <see cref="LibRdKafka"/> begins with a handle from here, so that its functions come from the library that made the handle:
/// of the several builds that the package brings, Confluent.Kafka loads the one that the machine's other libraries allow.</remarks>
internal static class ClientHandle
{
    private static readonly PropertyInfo? Property =
        typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);

    static ClientHandle() => NativeLibrary.SetDllImportResolver(typeof(ClientHandle).Assembly, static (name, assembly, path) =>
        name == LibRdKafka.Library && LoadedPath() is { } loaded ? NativeLibrary.Load(loaded) : NativeLibrary.Load(name, assembly, path));

    /// <summary>Valid as long as the client is not disposed.</summary>
    public static nint Of(IClient client) => Property?.GetValue(client.Handle) is SafeHandle handle
        ? handle.DangerousGetHandle()
        : throw new StreamsException($"This version of Confluent.Kafka ({typeof(Handle).Assembly.GetName().Version}) hides librdkafka's handle: use the version that Assay was built with.");

    /// <summary>The file that the process has mapped; null where the system does not tell, and there is only one build then.</summary>
    private static string? LoadedPath()
    {
        const string maps = "/proc/self/maps";
        if (!File.Exists(maps))
            return null;
        foreach (string line in File.ReadLines(maps))
        {
            int path = line.IndexOf('/', StringComparison.Ordinal);
            if (path >= 0 && Path.GetFileName(line.AsSpan(path)).Contains(LibRdKafka.Library, StringComparison.Ordinal))
                return line[path..];
        }
        return null;
    }
}
