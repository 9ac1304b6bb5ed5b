using System.Text.Json;

namespace Assay.Schemas;

/// <summary>Reads one <see cref="Accuracy"/> from its JSON, field by field, in any order.</summary>
internal ref struct AccuracyJsonReader(ReadOnlySpan<byte> utf8)
{
    private static readonly string[] Names =
    [
        "id", "pair", "feed", "chain_id", "trigger", "at", "revision", "status", "contract_price", "round_id", "answer_updated_at", "answer_age_ms",
        "average", "window_start", "window_end", "sources", "dispersion_pct", "deviation_pct",
    ];

    private Utf8JsonReader json = new(utf8);
    // Of the field being read, for the error's sentence.
    private string field = "";
    private int seen;

    public Accuracy Read()
    {
        try
        {
            return ReadRecord();
        }
        catch (JsonException failure)
        {
            throw new FormatException($"An accuracy record is not JSON: {failure.Message}", failure);
        }
        catch (InvalidOperationException failure)
        {
            // What the JSON reader throws for text that is no UTF-8 or holds half a surrogate pair.
            throw Bad("is not text that can be decoded", failure);
        }
    }

    private Accuracy ReadRecord()
    {
        string? id = null, pair = null, feed = null, roundId = null;
        long? chainId = null, answerAge = null;
        int? revision = null;
        AccuracyTrigger? trigger = null;
        AccuracyStatus? status = null;
        DateTime? at = null, answerUpdatedAt = null, windowStart = null, windowEnd = null;
        decimal? contractPrice = null, average = null, dispersion = null, deviation = null;
        IReadOnlyList<KeyValuePair<string, SourcePrice>> sources = [];

        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
            throw new FormatException("An accuracy record is not a JSON object.");
        while (NextField())
        {
            switch (field)
            {
                case "id": id = Text(); break;
                case "pair": pair = Text(); break;
                case "feed": feed = Text(); break;
                case "chain_id": chainId = Integer(); break;
                case "trigger": trigger = Trigger(); break;
                case "at": at = Time(); break;
                case "revision": revision = Count(); break;
                case "status": status = Status(); break;
                case "contract_price": contractPrice = IsNull ? null : Number(); break;
                case "round_id": roundId = IsNull ? null : Text(); break;
                case "answer_updated_at": answerUpdatedAt = IsNull ? null : Time(); break;
                case "answer_age_ms": answerAge = IsNull ? null : Integer(); break;
                case "average": average = IsNull ? null : Number(); break;
                case "window_start": windowStart = IsNull ? null : Time(); break;
                case "window_end": windowEnd = IsNull ? null : Time(); break;
                case "sources": sources = IsNull ? [] : Sources(); break;
                case "dispersion_pct": dispersion = IsNull ? null : Number(); break;
                case "deviation_pct": deviation = IsNull ? null : Number(); break;
                default: json.Skip(); break;
            }
        }
        if (json.Read())
            throw new FormatException("An accuracy record is followed by something else.");
        for (int index = 0; index < Names.Length; index++)
        {
            if ((seen & 1 << index) == 0)
                throw new FormatException($"An accuracy record lacks the field '{Names[index]}'.");
        }
        return new Accuracy
        {
            Id = id!,
            Pair = pair!,
            Feed = feed!,
            ChainId = chainId!.Value,
            Trigger = trigger!.Value,
            At = at!.Value,
            Revision = revision!.Value,
            Status = status!.Value,
            ContractPrice = contractPrice,
            RoundId = roundId,
            AnswerUpdatedAt = answerUpdatedAt,
            AnswerAgeMs = answerAge,
            Average = average,
            WindowStart = windowStart,
            WindowEnd = windowEnd,
            Sources = sources,
            DispersionPct = dispersion,
            DeviationPct = deviation,
        };
    }

    private readonly bool IsNull => json.TokenType == JsonTokenType.Null;

    /// <summary>Moves to the next field's value; false at the object's end.</summary>
    private bool NextField()
    {
        json.Read();
        if (json.TokenType == JsonTokenType.EndObject)
            return false;
        field = json.GetString()!;
        int index = Array.IndexOf(Names, field);
        if (index >= 0)
        {
            if ((seen & 1 << index) != 0)
                throw Bad("stands there twice");
            seen |= 1 << index;
        }
        json.Read();
        return true;
    }

    private List<KeyValuePair<string, SourcePrice>> Sources()
    {
        if (json.TokenType != JsonTokenType.StartObject)
            throw Bad("is not an object of sources");
        List<KeyValuePair<string, SourcePrice>> sources = [];
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            string name = json.GetString()!;
            field = $"sources.{name}";
            json.Read();
            if (json.TokenType != JsonTokenType.StartObject)
                throw Bad("is not an object");
            sources.Add(new(name, Source(name)));
        }
        return sources;
    }

    private SourcePrice Source(string name)
    {
        decimal? price = null;
        int? quotes = null;
        long? age = null;
        bool hasAge = false;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            string part = json.GetString()!;
            field = $"sources.{name}.{part}";
            json.Read();
            switch (part)
            {
                case "price": price = Number(); break;
                case "quotes": quotes = Count(); break;
                case "age_ms": (hasAge, age) = (true, IsNull ? null : Integer()); break;
                default: json.Skip(); break;
            }
        }
        field = $"sources.{name}";
        if (price is not { } known || quotes is not { } count || !hasAge)
            throw Bad("lacks price, quotes or age_ms");
        return new SourcePrice(known, count, age);
    }

    private readonly string Text() => json.TokenType == JsonTokenType.String ? json.GetString()! : throw Bad("is not a string");

    private readonly long Integer() => json.TokenType == JsonTokenType.Number && json.TryGetInt64(out long value) ? value : throw Bad("is not a whole number");

    private readonly int Count() => Integer() is >= 0 and <= int.MaxValue and long value ? (int)value : throw Bad("is not a count");

    private readonly decimal Number() =>
        json.TokenType == JsonTokenType.Number && json.TryGetDecimal(out decimal value) ? value : throw Bad("is not a decimal number of at most 28 digits");

    private readonly DateTime Time() => AccuracyJson.ParseTime(Text()) ?? throw Bad("is not a time like 2023-08-17T21:45:00.000Z");

    private readonly AccuracyTrigger Trigger() => Text() switch
    {
        "window" => AccuracyTrigger.Window,
        "answer" => AccuracyTrigger.Answer,
        _ => throw Bad("is neither window nor answer"),
    };

    private readonly AccuracyStatus Status() => Text() switch
    {
        "ok" => AccuracyStatus.Ok,
        "deviating" => AccuracyStatus.Deviating,
        "stale" => AccuracyStatus.Stale,
        "retracted" => AccuracyStatus.Retracted,
        _ => throw Bad("is none of ok, deviating, stale and retracted"),
    };

    private readonly FormatException Bad(string what, Exception? cause = null) => new($"An accuracy record's field '{field}' {what}.", cause);
}
