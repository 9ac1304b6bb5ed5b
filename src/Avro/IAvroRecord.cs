namespace Assay.Avro;

/// <summary>A record type with its own codec. The generator (Assay.Avro.Generator) implements it for each <c>*.avsc</c>.</summary>
public interface IAvroRecord<TSelf> where TSelf : class, IAvroRecord<TSelf>
{
    /// <summary>The schema that <see cref="Write"/> writes and into which <see cref="Read(ref AvroReader, AvroReadPlan)"/> resolves.</summary>
    static abstract RecordSchema Schema { get; }

    /// <summary>Reads what was written with <see cref="Schema"/>.</summary>
    /// <exception cref="AvroException">The data is not such a record.</exception>
    static abstract TSelf Read(ref AvroReader reader);

    /// <summary>Reads what was written with another schema.</summary>
    /// <param name="reader">Stands at the record.</param>
    /// <param name="plan">From the writer's schema to <see cref="Schema"/>.</param>
    /// <exception cref="AvroException">The data is not such a record.</exception>
    static abstract TSelf Read(ref AvroReader reader, AvroReadPlan plan);

    /// <exception cref="AvroException">A value that the schema cannot hold.</exception>
    void Write(ref AvroWriter writer);
}
