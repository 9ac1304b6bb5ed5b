using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Wire;
using Assay.Broker.Tests.Support;

namespace Assay.Broker.Tests.Storage;

/// <summary>Idempotence: what a partition remembers of a producer.</summary>
public sealed class ProducerStatesTests
{
    private readonly ProducerStates _states = new();
    private long _next;

    [Fact]
    public void Any_of_the_last_five_batches_is_a_duplicate_and_gets_its_first_offset_back()
    {
        for (int batch = 0; batch < 7; batch++)
            Append(0, batch * 3, 3);

        for (int batch = 2; batch < 7; batch++)
            Assert.Equal((KafkaError.None, batch * 3L), Check(0, batch * 3, 3));
        Assert.Equal(KafkaError.OutOfOrderSequenceNumber, Check(0, 3, 3).Error);
    }

    [Fact]
    public void Gap_is_out_of_order()
    {
        Append(0, 0, 3);

        Assert.Equal(KafkaError.OutOfOrderSequenceNumber, Check(0, 4, 1).Error);
        Assert.Equal((KafkaError.None, -1L), Check(0, 3, 1));
    }

    [Fact]
    public void New_epoch_starts_at_zero_and_fences_the_old_one()
    {
        Append(0, 0, 3);

        Assert.Equal(KafkaError.OutOfOrderSequenceNumber, Check(1, 3, 1).Error);
        Assert.Equal(KafkaError.None, Check(1, 0, 1).Error);
        Append(1, 0, 1);
        Assert.Equal(KafkaError.InvalidProducerEpoch, Check(0, 3, 1).Error);
    }

    [Fact]
    public void Sequence_wraps_from_the_largest_integer_to_zero()
    {
        Append(0, int.MaxValue - 1, 2);

        Assert.Equal((KafkaError.None, -1L), Check(0, 0, 1));
        Append(0, 0, 1);
        Assert.Equal((KafkaError.None, -1L), Check(0, 1, 1));
    }

    [Fact]
    public void Batch_that_spans_the_wrap_is_followed_by_the_right_sequence()
    {
        Append(0, int.MaxValue, 3);

        Assert.Equal((KafkaError.None, -1L), Check(0, 2, 1));
    }

    private (KafkaError Error, long DuplicateOf) Check(short epoch, int sequence, int records)
    {
        KafkaError error = _states.Check(BatchHeader.Read(Batches.Of(1, epoch, sequence, records)), out long duplicateOf);
        return (error, duplicateOf);
    }

    private void Append(short epoch, int sequence, int records)
    {
        _states.Appended(BatchHeader.Read(Batches.Of(1, epoch, sequence, records)) with { BaseOffset = _next });
        _next += records;
    }
}
