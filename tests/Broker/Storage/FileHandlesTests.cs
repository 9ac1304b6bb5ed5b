using Assay.Broker.Internal.Storage;

namespace Assay.Broker.Tests.Storage;

/// <summary>Many files, few of them open.</summary>
public sealed class FileHandlesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Many_files_that_are_written_and_read_at_the_same_time_share_a_few_handles()
    {
        FileHandles handles = new(8);
        DiskFile[] files = [.. Enumerable.Range(0, 200).Select(index => new DiskFile(_folder[$"{index}"], handles))];

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            Random random = new(worker);
            byte[] read = new byte[1];
            for (int step = 0; step < 4_000; step++)
            {
                int index = random.Next(50) * 4 + worker;
                if (files[index].Length < 100)
                    files[index].Append([(byte)(index + files[index].Length)]);
                int at = random.Next((int)files[index].Length);
                Assert.Equal(1, files[index].Read(at, read));
                Assert.Equal((byte)(index + at), read[0]);
            }
        }, TestContext.Current.CancellationToken)));

        Assert.Equal(8, handles.Open);
        foreach (DiskFile file in files)
            file.Dispose();
        Assert.Equal(0, handles.Open);
        Assert.Throws<ObjectDisposedException>(() => files[0].Read(0, new byte[1]));
    }
}
