using System.Runtime.InteropServices;

namespace Assay.Streams.RocksDb.Internal;

/// <summary>Turns the texts that RocksDB leaves into exceptions. Each begins with the kind of its status: <c>Corruption: </c>, <c>IO error: </c>.</summary>
internal static class RocksDbErrors
{
    public static void Throw(nint error)
    {
        if (error == 0)
            return;
        string text = Marshal.PtrToStringUTF8(error)!;
        LibRocksDb.Free(error);
        // A missing file is what is left of a database that lost some; on a full disk or without rights the text names that.
        bool corrupt = text.StartsWith("Corruption", StringComparison.Ordinal) || text.StartsWith("Invalid argument", StringComparison.Ordinal)
            || text.Contains("No such file", StringComparison.Ordinal);
        throw new StoreEngineException(text, corrupt);
    }
}
