using Assay.Streams.Internal.Persistence;
using Assay.Streams.Internal.Threads;
using Microsoft.Extensions.Logging;

namespace Assay.Streams.Internal.Tasks;

/// <summary>What all tasks of an application share.</summary>
/// <param name="State">Null: stores are kept in memory.</param>
internal sealed record TaskEnvironment(StreamsOptions Options, TimeProvider Clock, ILogger Log, StateDirectory? State)
{
    public StoreQueries Queries { get; } = new();
}

/// <summary>The transaction or the group membership in which the tasks worked is gone: what they did since the last commit must be forgotten
/// and done again, here or by whoever has them now. No record is to blame.</summary>
/// <param name="producerUnusable">Whether the producer is fenced or its transaction's outcome unknown, so that only a new one can go on.</param>
internal sealed class TransactionLostException(string message, bool producerUnusable, Exception inner) : Exception(message, inner)
{
    public bool ProducerUnusable => producerUnusable;
}
