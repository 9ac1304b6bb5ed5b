namespace Assay.Broker.Internal.Wire;

/// <summary>
/// Walks a message's fields: <see cref="WireReader"/> fills them from bytes, <see cref="WireWriter"/> turns them into bytes.
/// A field is present from version <c>from</c> to version <c>to</c>; where it is absent it keeps its default.
/// Encoding: https://kafka.apache.org/protocol, "Protocol Primitive Types". In flexible versions lengths are unsigned varints of length + 1 and
/// every structure ends in tagged fields; none of those we serve needs one, so they are skipped on reading and none is written.
/// </summary>
internal abstract class Codec(short version, bool flexible)
{
    private const short Last = short.MaxValue;

    public short Version { get; } = version;

    /// <summary>Compact lengths and tagged fields (KIP-482).</summary>
    public bool Flexible { get; } = flexible;

    protected abstract void BoolField(ref bool value);
    protected abstract void Int8Field(ref sbyte value);
    protected abstract void Int16Field(ref short value);
    protected abstract void Int32Field(ref int value);
    protected abstract void Int64Field(ref long value);
    protected abstract void UuidField(ref Guid value);
    protected abstract void StringField(ref string? value);
    protected abstract void BytesField(ref byte[]? value);
    protected abstract void RecordsField(ref ReadOnlyMemory<byte>? value);

    /// <summary>The element count of an array; −1 is null. Returns what was written or read.</summary>
    protected abstract int CountField(int count);

    public abstract void Tags();

    /// <summary>True where elements come out of the codec and not into it.</summary>
    protected abstract bool Reading { get; }

    private bool Absent(short from, short to) => Version < from || Version > to;

    public void Bool(ref bool value, short from = 0, short to = Last)
    {
        if (!Absent(from, to))
            BoolField(ref value);
    }

    public void Int8(ref sbyte value, short from = 0, short to = Last)
    {
        if (!Absent(from, to))
            Int8Field(ref value);
    }

    public void Int16(ref short value, short from = 0, short to = Last)
    {
        if (!Absent(from, to))
            Int16Field(ref value);
    }

    public void Int32(ref int value, short from = 0, short to = Last)
    {
        if (!Absent(from, to))
            Int32Field(ref value);
    }

    public void Int64(ref long value, short from = 0, short to = Last)
    {
        if (!Absent(from, to))
            Int64Field(ref value);
    }

    public void Error(ref KafkaError value, short from = 0, short to = Last)
    {
        if (Absent(from, to))
            return;
        short code = (short)value;
        Int16Field(ref code);
        value = (KafkaError)code;
    }

    public void Uuid(ref Guid value, short from = 0, short to = Last)
    {
        if (!Absent(from, to))
            UuidField(ref value);
    }

    /// <summary>A string that may not be null; null on the wire reads as the empty string.</summary>
    public void String(ref string value, short from = 0, short to = Last)
    {
        if (Absent(from, to))
            return;
        string? field = value;
        StringField(ref field);
        value = field ?? "";
    }

    /// <param name="nullFrom">The first version that allows null; before it, null is the empty string.</param>
    public void NullableString(ref string? value, short from = 0, short to = Last, short nullFrom = 0)
    {
        if (Absent(from, to))
            return;
        string? field = Version < nullFrom ? value ?? "" : value;
        StringField(ref field);
        value = Version < nullFrom ? field ?? "" : field;
    }

    public void Bytes(ref byte[] value, short from = 0, short to = Last)
    {
        if (Absent(from, to))
            return;
        byte[]? field = value;
        BytesField(ref field);
        value = field ?? [];
    }

    /// <summary>Record batches: a slice of the request while reading, sent from where they are while writing.</summary>
    public void Records(ref ReadOnlyMemory<byte>? value, short from = 0, short to = Last)
    {
        if (!Absent(from, to))
            RecordsField(ref value);
    }

    public void Array<T>(ref T[] value, short from = 0, short to = Last) where T : IMessage, new()
    {
        if (Absent(from, to))
            return;
        T[]? field = value;
        NullableArray(ref field);
        value = field ?? [];
    }

    public void NullableArray<T>(ref T[]? value, short from = 0, short to = Last) where T : IMessage, new()
    {
        if (Absent(from, to))
            return;
        int count = CountField(value?.Length ?? -1);
        if (!Reading)
        {
            foreach (T item in value ?? [])
                item.Visit(this);
            return;
        }
        value = count < 0 ? null : new T[count];
        for (int index = 0; index < count; index++)
        {
            value![index] = new T();
            value[index].Visit(this);
        }
    }

    public void Int32Array(ref int[] value, short from = 0, short to = Last)
    {
        if (Absent(from, to))
            return;
        int[]? field = value;
        Sized(ref field);
        value = field ?? [];
        for (int index = 0; index < value.Length; index++)
            Int32Field(ref value[index]);
    }

    public void Int64Array(ref long[] value, short from = 0, short to = Last)
    {
        if (Absent(from, to))
            return;
        long[]? field = value;
        Sized(ref field);
        value = field ?? [];
        for (int index = 0; index < value.Length; index++)
            Int64Field(ref value[index]);
    }

    public void StringArray(ref string[] value, short from = 0, short to = Last)
    {
        string[]? field = value;
        NullableStringArray(ref field, from, to);
        value = field ?? [];
    }

    public void NullableStringArray(ref string[]? value, short from = 0, short to = Last)
    {
        if (Absent(from, to) || !Sized(ref value))
            return;
        for (int index = 0; index < value!.Length; index++)
        {
            string? item = value[index];
            StringField(ref item);
            value[index] = item ?? "";
        }
    }

    /// <summary>Passes the array's length through the codec, making the array while reading; false where it is null.</summary>
    private bool Sized<T>(ref T[]? value)
    {
        int count = CountField(value?.Length ?? -1);
        if (Reading)
            value = count < 0 ? null : new T[count];
        return value is not null;
    }
}
