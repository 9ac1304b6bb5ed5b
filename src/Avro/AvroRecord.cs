using System.Buffers;
using Assay.Avro.Internal;

namespace Assay.Avro;

/// <summary>Whole records to and from bytes: a datum alone, without a container or schema around it.</summary>
public static class AvroRecord
{
    /// <summary>Reads a record that its own schema wrote; nothing may follow it.</summary>
    /// <exception cref="AvroException">The data is not such a record; the message names the field.</exception>
    public static T Decode<T>(ReadOnlySpan<byte> data, AvroStringCache? strings = null) where T : class, IAvroRecord<T>
    {
        AvroReader reader = new(data, strings);
        try
        {
            T value = T.Read(ref reader);
            reader.ExpectEnd();
            return value;
        }
        catch (AvroException fault)
        {
            throw Diagnosis.Explain(fault, T.Schema, data);
        }
    }

    /// <summary>Reads a record that another schema wrote; nothing may follow it.</summary>
    /// <param name="data">The datum.</param>
    /// <param name="plan">From the writer's schema to the record's.</param>
    /// <param name="strings">See <see cref="AvroReader(ReadOnlySpan{byte}, AvroStringCache?)"/>.</param>
    /// <exception cref="AvroException">The data is not such a record; the message names the field.</exception>
    public static T Decode<T>(ReadOnlySpan<byte> data, AvroReadPlan plan, AvroStringCache? strings = null) where T : class, IAvroRecord<T>
    {
        AvroReader reader = new(data, strings);
        try
        {
            T value = plan.IsSame ? T.Read(ref reader) : T.Read(ref reader, plan);
            reader.ExpectEnd();
            return value;
        }
        catch (AvroException fault)
        {
            throw Diagnosis.Explain(fault, plan.Writer, data);
        }
    }

    /// <summary>Writes a record with its own schema. After a failure the output holds a part of it.</summary>
    /// <exception cref="AvroException">A value that the schema cannot hold; the message names the field.</exception>
    public static void Encode<T>(T value, IBufferWriter<byte> output) where T : class, IAvroRecord<T>
    {
        AvroWriter writer = new(output);
        try
        {
            value.Write(ref writer);
        }
        catch (AvroException fault)
        {
            throw Diagnosis.Explain(fault, value);
        }
        writer.Flush();
    }

    /// <inheritdoc cref="Encode{T}(T, IBufferWriter{byte})"/>
    public static byte[] Encode<T>(T value) where T : class, IAvroRecord<T>
    {
        ArrayBufferWriter<byte> output = new();
        Encode(value, output);
        return output.WrittenSpan.ToArray();
    }
}
