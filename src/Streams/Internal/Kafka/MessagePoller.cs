using Confluent.Kafka;

namespace Assay.Streams.Internal.Kafka;

/// <summary>Takes messages from a consumer in batches and leaves them where librdkafka keeps them. Whoever gets a message destroys it.</summary>
internal sealed unsafe class MessagePoller : IDisposable
{
    private readonly nint[] _batch;
    private nint _queue;

    /// <param name="consumer">Must be disposed after this.</param>
    /// <param name="batchSize">The most messages that one poll gives.</param>
    public MessagePoller(IClient consumer, int batchSize)
    {
        _queue = LibRdKafka.QueueGetConsumer(ClientHandle.Of(consumer));
        _batch = new nint[batchSize];
    }

    /// <summary>Waits for a first message, then takes what else is there. Rebalance handlers run inside. The span is valid until the next call.</summary>
    public ReadOnlySpan<nint> Poll(int timeoutMs)
    {
        fixed (nint* batch = _batch)
        {
            nint count = 0;
            // librdkafka waits until a batch is full; only a batch of one returns with the first message.
            if (timeoutMs > 0)
            {
                count = LibRdKafka.ConsumeBatchQueue(_queue, timeoutMs, batch, 1);
                if (count <= 0)
                    return default;
            }
            nint more = LibRdKafka.ConsumeBatchQueue(_queue, 0, batch + count, (nuint)(_batch.Length - count));
            return new ReadOnlySpan<nint>(_batch, 0, (int)(count + Math.Max(more, 0)));
        }
    }

    public void Dispose()
    {
        if (_queue == 0)
            return;
        LibRdKafka.QueueDestroy(_queue);
        _queue = 0;
    }
}
