using System.Reflection;
using Assay.Streams.Internal.Kafka;
using Confluent.Kafka;

namespace Assay.Streams.Tests.Runtime;

public sealed class SharedAdminTests
{
    [Fact]
    public async Task Disposal_waits_for_the_last_answer_and_later_requests_are_refused()
    {
        IAdminClient client = DispatchProxy.Create<IAdminClient, DisposalCounter>();
        DisposalCounter disposals = (DisposalCounter)(object)client;
        SharedAdmin admin = new(client);
        TaskCompletionSource<int> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> asked = admin.Ask(_ => answer.Task);

        admin.Dispose();

        Assert.Equal(0, disposals.Count);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => admin.Ask(_ => Task.FromResult(1)));
        answer.SetResult(7);
        Assert.Equal(7, await asked);
        await Eventually.True(() => disposals.Count == 1, "the client is disposed");
        admin.Dispose();
        Assert.Equal(1, disposals.Count);
    }

    [Fact]
    public async Task Without_requests_it_is_disposed_at_once()
    {
        IAdminClient client = DispatchProxy.Create<IAdminClient, DisposalCounter>();
        SharedAdmin admin = new(client);
        await admin.Ask(_ => Task.FromResult(1));

        admin.Dispose();

        Assert.Equal(1, ((DisposalCounter)(object)client).Count);
    }

    /// <summary>A client of which only the disposal is called.</summary>
    public class DisposalCounter : DispatchProxy
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Assert.Equal(nameof(IDisposable.Dispose), targetMethod?.Name);
            Interlocked.Increment(ref _count);
            return null;
        }
    }
}
