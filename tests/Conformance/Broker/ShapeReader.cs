using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>
/// Notes the types that our description of a message puts on the wire, in order, arrays with one element; "end" ends each structure. What may be null is null.
/// </summary>
internal sealed class ShapeReader(short version) : Codec(version, flexible: true)
{
    public List<string> Shape { get; } = [];

    protected override bool Reading => true;

    protected override void BoolField(ref bool value) => Shape.Add("bool");
    protected override void Int8Field(ref sbyte value) => Shape.Add("int8");
    protected override void Int16Field(ref short value) => Shape.Add("int16");
    protected override void Int32Field(ref int value) => Shape.Add("int32");
    protected override void Int64Field(ref long value) => Shape.Add("int64");
    protected override void UuidField(ref Guid value) => Shape.Add("uuid");
    protected override void RecordsField(ref ReadOnlyMemory<byte>? value) => Shape.Add("records");
    public override void Tags() => Shape.Add("end");

    protected override void StringField(ref string? value)
    {
        Shape.Add("string");
        value = null;
    }

    protected override void BytesField(ref byte[]? value)
    {
        Shape.Add("bytes");
        value = null;
    }

    protected override int CountField(int count)
    {
        Shape.Add("array");
        return 1;
    }
}
