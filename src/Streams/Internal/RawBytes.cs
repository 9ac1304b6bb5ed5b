namespace Assay.Streams.Internal;

/// <summary>A key or value on the wire, where null and empty differ.</summary>
internal readonly ref struct RawBytes
{
    private readonly ReadOnlySpan<byte> _span;
    private readonly bool _present;

    public RawBytes(ReadOnlySpan<byte> span)
    {
        _span = span;
        _present = true;
    }

    public static RawBytes Null => default;

    public bool IsNull => !_present;

    /// <summary>Empty where null.</summary>
    public ReadOnlySpan<byte> Span => _span;

    public byte[]? ToArray() => _present ? _span.ToArray() : null;

    public static RawBytes Of(byte[]? bytes) => bytes is null ? Null : new RawBytes(bytes);
}
