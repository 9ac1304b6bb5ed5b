using Assay.Schemas;
using Assay.Streams;
using Assay.Topology.Internal.Rules;
using Assay.Topology.Internal.State;

namespace Assay.Topology.Internal.Wiring;

/// <summary>Applies the rules to one partition of both inputs. A refused record has changed nothing; its rejection goes to the exception handler.</summary>
internal sealed class AccuracyProcessor(AccuracyOptions options) : IProcessor<NoKey, IInput, string, Accuracy>
{
    private AccuracyJoin? _join;

    public void Init(IProcessorContext<string, Accuracy> context) => _join = new AccuracyJoin(
        options,
        () => context.CurrentSystemTime,
        context.GetStateStore<IKeyValueStore<StateKey, StateEntry>>(AccuracyTopology.StoreName),
        record => context.Forward(new Record<string, Accuracy>(record.Pair, record, (record.At - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond)));

    public void Process(in Record<NoKey, IInput> record)
    {
        // Taken the first time; another role had rejected it.
        if (Resend.IsForOthers(record.Headers, DeadLetterHandler.Stage))
            return;
        Rejection? rejection = record.Value switch
        {
            Quote quote => _join!.Add(quote),
            ContractAnswer answer => _join!.Add(answer),
            _ => new Rejection(RejectionReason.Undecodable, "The record has no value."), // a tombstone
        };
        if (rejection is not null)
            throw new RejectedException(rejection);
    }
}

/// <summary>Carries a rejection from the processor to <see cref="DeadLetterHandler"/>.</summary>
internal sealed class RejectedException(Rejection rejection) : Exception(rejection.Detail)
{
    public Rejection Rejection { get; } = rejection;
}
