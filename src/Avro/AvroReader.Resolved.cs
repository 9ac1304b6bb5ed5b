namespace Assay.Avro;

/// <summary>Reads what another schema wrote. Where both schemas agree it costs one comparison.</summary>
public ref partial struct AvroReader
{
    /// <summary>Steps from the writer's union, if it is one, to the plan of the branch that the data names.</summary>
    /// <exception cref="AvroException">The branch cannot be read as the reader's type.</exception>
    public AvroReadPlan Select(AvroReadPlan plan)
    {
        int start = _position;
        if (plan.Branches is { } branches)
            plan = branches[ReadIndex(branches.Length)];
        return plan.Mismatch is null ? plan : throw new AvroException(start, $"this value cannot be read with the reader's schema: {plan.Mismatch.TrimEnd('.')}");
    }

    public void ReadNull(AvroReadPlan plan) => Select(plan);

    public bool ReadBoolean(AvroReadPlan plan)
    {
        Select(plan);
        return ReadBoolean();
    }

    public int ReadInt(AvroReadPlan plan)
    {
        if (!plan.IsSame)
            Select(plan);
        return ReadInt();
    }

    public long ReadLong(AvroReadPlan plan)
    {
        if (plan.IsSame)
            return ReadLong();
        return Select(plan).Writer.Type == AvroType.Int ? ReadInt() : ReadLong();
    }

    public float ReadFloat(AvroReadPlan plan) => Select(plan).Writer.Type switch
    {
        AvroType.Int => ReadInt(),
        AvroType.Long => ReadLong(),
        _ => ReadFloat(),
    };

    public double ReadDouble(AvroReadPlan plan) => Select(plan).Writer.Type switch
    {
        AvroType.Int => ReadInt(),
        AvroType.Long => ReadLong(),
        AvroType.Float => ReadFloat(),
        _ => ReadDouble(),
    };

    public ReadOnlyMemory<byte> ReadMemory(AvroReadPlan plan)
    {
        Select(plan);
        return ReadMemory();
    }

    public string ReadString(AvroReadPlan plan)
    {
        if (!plan.IsSame)
            Select(plan);
        return ReadString();
    }

    public string ReadInternedString(AvroReadPlan plan)
    {
        if (!plan.IsSame)
            Select(plan);
        return ReadInternedString();
    }

    public ReadOnlyMemory<byte> ReadFixedMemory(AvroReadPlan plan) => ReadFixedMemory(((FixedSchema)Select(plan).Writer).Size);

    /// <summary>The reader's index of an enum's symbol.</summary>
    /// <exception cref="AvroException">The reader does not know the writer's symbol and has no default.</exception>
    public int ReadIndex(AvroReadPlan plan)
    {
        plan = Select(plan);
        int start = _position;
        int symbol = ReadIndex(plan.Symbols.Length);
        return plan.Symbols[symbol] is >= 0 and int index
            ? index
            : throw new AvroException(start, $"the reader's {plan.Reader.TypeName} has no symbol {((EnumSchema)plan.Writer).Symbols[symbol]} and no default");
    }

    /// <summary>With the writer's scale where it has one, so that no digit changes its place.</summary>
    /// <inheritdoc cref="ReadDecimal(int)"/>
    public decimal ReadDecimal(AvroReadPlan plan)
    {
        plan = Select(plan);
        int scale = plan.Writer.Logical == AvroLogicalType.Decimal ? plan.Writer.Scale : plan.Reader.Scale;
        return plan.Writer is FixedSchema bytes ? ReadDecimal(bytes.Size, scale) : ReadDecimal(scale);
    }

    public Guid ReadUuid(AvroReadPlan plan)
    {
        Select(plan);
        return ReadUuid();
    }

    public Guid ReadUuidFixed(AvroReadPlan plan)
    {
        Select(plan);
        return ReadUuidFixed();
    }

    public DateOnly ReadDate(AvroReadPlan plan)
    {
        Select(plan);
        return ReadDate();
    }

    /// <summary>In the writer's unit where it has one.</summary>
    public TimeOnly ReadTime(AvroReadPlan plan)
    {
        plan = Select(plan);
        AvroLogicalType unit = plan.Writer.Logical is AvroLogicalType.TimeMillis or AvroLogicalType.TimeMicros ? plan.Writer.Logical : plan.Reader.Logical;
        return ToTime(ReadIntegral(plan), unit == AvroLogicalType.TimeMillis ? TimeSpan.TicksPerMillisecond : TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>In the writer's unit where it has one.</summary>
    public DateTime ReadTimestamp(AvroReadPlan plan)
    {
        if (plan is { IsSame: true, Reader.Logical: AvroLogicalType.TimestampMillis })
            return ReadTimestampMillis();
        plan = Select(plan);
        AvroLogicalType unit = plan.Writer.Logical >= AvroLogicalType.TimestampMillis ? plan.Writer.Logical : plan.Reader.Logical;
        bool millis = unit is AvroLogicalType.TimestampMillis or AvroLogicalType.LocalTimestampMillis;
        bool utc = plan.Reader.Logical is AvroLogicalType.TimestampMillis or AvroLogicalType.TimestampMicros;
        return ToTimestamp(
            ReadIntegral(plan),
            millis ? TimeSpan.TicksPerMillisecond : TimeSpan.TicksPerMicrosecond,
            utc ? DateTimeKind.Utc : DateTimeKind.Unspecified);
    }

    private long ReadIntegral(AvroReadPlan plan) => plan.Writer.Type == AvroType.Int ? ReadInt() : ReadLong();

    /// <summary>Passes over a value of the schema.</summary>
    public void Skip(AvroSchema schema)
    {
        switch (schema.Type)
        {
            case AvroType.Boolean:
                Take(1);
                break;
            case AvroType.Int:
            case AvroType.Long:
                ReadLong();
                break;
            case AvroType.Float:
                Take(sizeof(float));
                break;
            case AvroType.Double:
                Take(sizeof(double));
                break;
            case AvroType.Bytes:
            case AvroType.String:
                ReadBytes();
                break;
            case AvroType.Fixed:
                Take(((FixedSchema)schema).Size);
                break;
            case AvroType.Enum:
                ReadIndex(((EnumSchema)schema).Symbols.Count);
                break;
            case AvroType.Union:
                IReadOnlyList<AvroSchema> branches = ((UnionSchema)schema).Branches;
                Skip(branches[ReadIndex(branches.Count)]);
                break;
            case AvroType.Record:
                int start = EnterRecord();
                foreach (AvroField field in ((RecordSchema)schema).Fields)
                    Skip(field.Schema);
                LeaveRecord(start);
                break;
            case AvroType.Array:
                SkipBlocks(((ArraySchema)schema).Items, ((ArraySchema)schema).ItemMinimum, keyed: false);
                break;
            case AvroType.Map:
                SkipBlocks(((MapSchema)schema).Values, ((MapSchema)schema).ValueMinimum + 1, keyed: true);
                break;
        }
    }

    private void SkipBlocks(AvroSchema item, int minimum, bool keyed)
    {
        Enter();
        for (int count = ReadBlock(minimum); count > 0; count = ReadBlock(minimum))
        {
            for (int i = 0; i < count; i++)
            {
                if (keyed)
                    ReadBytes();
                Skip(item);
            }
        }
        Leave();
    }
}
