namespace Assay.Ethereum.Tests;

/// <summary>A clock that a test moves by hand. Timers run by the real one: what is bounded stays bounded.</summary>
public sealed class SteppedTime : TimeProvider
{
    private long _offset;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _offset));
}
