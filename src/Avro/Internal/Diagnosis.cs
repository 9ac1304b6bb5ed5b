using System.Buffers;

namespace Assay.Avro.Internal;

/// <summary>Finds out which field a fault is in, after it happened, so that the codecs keep no account of where they are.</summary>
/// <remarks>Walks over the data with the schema that wrote it, up to the place of the fault or as far as it can.</remarks>
internal ref struct Diagnosis
{
    private readonly int _fault;
    private readonly List<string> _path;
    private AvroReader _reader;

    private Diagnosis(ReadOnlySpan<byte> data, int fault, string root)
    {
        _reader = new AvroReader(data);
        _fault = fault;
        _path = [root];
    }

    public static AvroException Explain(AvroException fault, AvroSchema writer, ReadOnlySpan<byte> data) =>
        fault.Position < 0 ? fault : new AvroException($"{Locate(writer, data, fault.Position)}: {fault.What} (byte {fault.Position} of {data.Length}).", fault);

    /// <summary>Writes the value again as far as it goes: where the bytes end is the field that failed.</summary>
    public static AvroException Explain<T>(AvroException fault, T value) where T : class, IAvroRecord<T>
    {
        ArrayBufferWriter<byte> output = new();
        AvroWriter writer = new(output);
        try
        {
            value.Write(ref writer);
        }
        catch (AvroException)
        {
            writer.Flush();
        }
        return new AvroException($"{Locate(T.Schema, output.WrittenSpan, output.WrittenCount)}: {fault.Message}", fault);
    }

    private static string Locate(AvroSchema schema, ReadOnlySpan<byte> data, int fault)
    {
        Diagnosis diagnosis = new(data, fault, schema.TypeName);
        try
        {
            diagnosis.Walk(schema);
        }
        catch (AvroException)
        {
            // The path stands where the walk stopped.
        }
        return string.Concat(diagnosis._path);
    }

    /// <summary>True once the fault is within what was walked over; the path is then left as it is.</summary>
    private bool Walk(AvroSchema schema)
    {
        switch (schema)
        {
            case RecordSchema record:
                return WalkRecord(record);
            case UnionSchema union:
                AvroSchema branch = union.Branches[_reader.ReadIndex(union.Branches.Count)];
                return _reader.Position > _fault || Walk(branch);
            case ArraySchema array:
                return WalkBlocks(array.Items, array.ItemMinimum, keyed: false);
            case MapSchema map:
                return WalkBlocks(map.Values, map.ValueMinimum + 1, keyed: true);
            default:
                _reader.Skip(schema);
                return _reader.Position > _fault;
        }
    }

    private bool WalkRecord(RecordSchema record)
    {
        int start = _reader.EnterRecord();
        foreach (AvroField field in record.Fields)
        {
            _path.Add("." + field.Name);
            if (Walk(field.Schema))
                return true;
            _path.RemoveAt(_path.Count - 1);
        }
        _reader.LeaveRecord(start);
        return false;
    }

    private bool WalkBlocks(AvroSchema item, int minimum, bool keyed)
    {
        int index = 0;
        _reader.Enter();
        for (int count = _reader.ReadBlock(minimum); count > 0; count = _reader.ReadBlock(minimum))
        {
            for (int end = index + count; index < end; index++)
            {
                _path.Add($"[{index}]");
                if (keyed)
                    _path[^1] = $"[\"{_reader.ReadString()}\"]";
                if (_reader.Position > _fault || Walk(item))
                    return true;
                _path.RemoveAt(_path.Count - 1);
            }
        }
        _reader.Leave();
        return _reader.Position > _fault;
    }
}
