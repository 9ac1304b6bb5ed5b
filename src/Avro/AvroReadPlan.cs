using Assay.Avro.Internal;

namespace Assay.Avro;

/// <summary>How values written with one schema become values of another: the specification's "Schema Resolution", compiled once and followed for each value.</summary>
/// <remarks>Immutable once compiled, so that threads share it. The plan of a recursive type is a cycle.</remarks>
public sealed class AvroReadPlan
{
    internal AvroReadPlan(AvroSchema writer, AvroSchema reader)
    {
        Writer = writer;
        Reader = reader;
    }

    /// <exception cref="AvroException">No value of the writer's schema can be read as the reader's; the message names the path and the reason.</exception>
    public static AvroReadPlan Compile(AvroSchema writer, AvroSchema reader) => Resolver.Resolve(writer, reader);

    public AvroSchema Writer { get; }

    public AvroSchema Reader { get; }

    /// <summary>Both schemas mean the same bytes and the same values: what is read without a plan reads them too.</summary>
    public bool IsSame { get; internal set; }

    /// <summary>Of a record: what to do with each field of the writer, in its order.</summary>
    public ReadOnlySpan<AvroFieldPlan> Fields => FieldPlans;

    /// <summary>Of an array its items', of a map its values', of a value that becomes one of a union that of the branch.</summary>
    public AvroReadPlan Item => ItemPlan ?? this;

    /// <summary>Of an array or map: the fewest bytes that an item's value can take.</summary>
    public int ItemMinimum { get; internal set; }

    /// <summary>Of a value that becomes one of a union: the branch of the reader.</summary>
    public int Branch { get; internal set; }

    internal AvroFieldPlan[] FieldPlans { get; set; } = [];

    internal AvroReadPlan? ItemPlan { get; set; }

    /// <summary>Of a writer's union: a plan for each of its branches.</summary>
    internal AvroReadPlan[]? Branches { get; set; }

    /// <summary>Of an enum: for each symbol of the writer the reader's index; -1 where there is none.</summary>
    internal int[] Symbols { get; set; } = [];

    /// <summary>Why a value cannot be read; null where it can.</summary>
    internal string? Mismatch { get; set; }
}

/// <summary>What to do with one field of the writer's record.</summary>
public readonly struct AvroFieldPlan
{
    internal AvroFieldPlan(int index, AvroReadPlan? plan, AvroSchema writer)
    {
        Index = index;
        Plan = plan!;
        Writer = writer;
    }

    /// <summary>Which field of the reader it becomes; -1: none, <see cref="Writer"/> is skipped.</summary>
    public int Index { get; }

    /// <summary>Not to be asked for where <see cref="Index"/> is -1.</summary>
    public AvroReadPlan Plan { get; }

    public AvroSchema Writer { get; }
}
