using System.IO.Compression;
using System.Text.Json;
using Assay.Ethereum;

namespace Assay.Demo.Chain.Internal;

/// <summary>Writes the node's chain to its folder whenever it has changed.</summary>
internal sealed class ChainSnapshots(EthereumClient client, ChainFolder folder, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    // A snapshot holds the whole chain: on one that has grown long, its writing must not become the node's main work.
    private const int PausePerEffort = 20;
    private readonly SemaphoreSlim _writing = new(1);
    private string _head = "";

    /// <summary>How long to wait before the next look.</summary>
    public TimeSpan Pause { get; private set; } = ShortestPause;

    /// <summary>A node that does not answer is left for the next look.</summary>
    public async Task TakeWhenChangedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await TakeAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is EthereumException or InvalidDataException or IOException)
        {
            Pause = ShortestPause;
        }
    }

    /// <summary>Returns once the newest block is in a snapshot.</summary>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            string head = await client.GetBlockByNumberAsync(await client.GetBlockNumberAsync(cancellationToken), cancellationToken) is { } block ? block.Hash : "";
            if (head == _head)
                return;
            long started = time.GetTimestamp();
            JsonElement dump = await client.SendAsync("anvil_dumpState", [], cancellationToken);
            using MemoryStream compressed = new(Hex.ParseData(dump, "The chain's state"));
            await using GZipStream state = new(compressed, CompressionMode.Decompress);
            await folder.ReplaceSnapshotAsync(state, cancellationToken);
            _head = head;
            TimeSpan effort = time.GetElapsedTime(started) * PausePerEffort;
            Pause = effort > ShortestPause ? effort : ShortestPause;
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();
}
