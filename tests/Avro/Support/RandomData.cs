using System.Text.Json.Nodes;

namespace Assay.Avro.Tests.Support;

/// <summary>Schemas and values drawn from a seed, small but of every type, named, recursive and nested.</summary>
internal sealed class RandomData(int seed)
{
    private static readonly string[] Primitives = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];
    private static readonly string[] Words = ["", "a", "ETH-USD", "naïve", "日本", "🦀 crab", "\"quoted\"\\", "line\nbreak"];

    private readonly Random _random = new(seed);
    private readonly List<string> _named = [];
    private int _names;

    /// <summary>Whether a type of the schema may hold itself: others' random values of it then need not come to an end.</summary>
    public bool MayRecur { get; private set; }

    /// <summary>A record, as JSON.</summary>
    public JsonObject Schema() => Record(depth: 3, space: "assay.test");

    /// <summary>A value of the schema; deep ones come to an end.</summary>
    public object? Value(AvroSchema schema, int depth = 6)
    {
        switch (schema)
        {
            case RecordSchema record:
                return record.Fields.Select(field => Value(field.Schema, depth - 1)).ToArray();
            case EnumSchema symbols:
                return symbols.Symbols[_random.Next(symbols.Symbols.Count)];
            case FixedSchema bytes:
                return Bytes(bytes.Size);
            case ArraySchema array:
                return Enumerable.Range(0, depth > 0 ? _random.Next(4) : 0).Select(_ => Value(array.Items, depth - 1)).ToList();
            case MapSchema map:
                return Enumerable.Range(0, depth > 0 ? _random.Next(4) : 0).ToDictionary(i => $"k{i}{Word()}", _ => Value(map.Values, depth - 1));
            case UnionSchema union:
                int branch = depth > 0 ? _random.Next(union.Branches.Count) : Math.Max(0, union.Branches.ToList().FindIndex(b => b.Type == AvroType.Null));
                return new Choice(branch, Value(union.Branches[branch], depth - 1));
            default:
                return Primitive(schema.Type);
        }
    }

    private object? Primitive(AvroType type) => type switch
    {
        AvroType.Null => null,
        AvroType.Boolean => _random.Next(2) == 0,
        AvroType.Int => _random.Next(3) switch { 0 => _random.Next(-70, 70), 1 => int.MinValue + _random.Next(2), _ => _random.Next() },
        AvroType.Long => _random.Next(3) switch { 0 => _random.NextInt64(-70, 70), 1 => long.MaxValue - _random.Next(2), _ => -_random.NextInt64() },
        AvroType.Float => (float)((_random.NextDouble() - 0.5) * Math.Pow(10, _random.Next(-20, 20))),
        AvroType.Double => (_random.NextDouble() - 0.5) * Math.Pow(10, _random.Next(-200, 200)),
        AvroType.Bytes => Bytes(_random.Next(20)),
        _ => Word(),
    };

    private string Word() => Words[_random.Next(Words.Length)];

    private byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    private JsonNode Type(int depth, string space, bool inUnion = false)
    {
        int kind = _random.Next(depth > 0 ? 15 : 8);
        return kind switch
        {
            < 8 => JsonValue.Create(Primitives[inUnion && kind == 0 ? 7 : kind]),
            8 => new JsonObject { ["type"] = "array", ["items"] = Type(depth - 1, space) },
            9 => new JsonObject { ["type"] = "map", ["values"] = Type(depth - 1, space) },
            10 when !inUnion => Union(depth, space),
            11 => Named(new JsonObject { ["type"] = "enum", ["symbols"] = new JsonArray("RED", "green", "Blue_1") }),
            12 => Named(new JsonObject { ["type"] = "fixed", ["size"] = _random.Next(1, 20) }),
            // A type named before, nullable: it may be the one that is being defined.
            13 when _named.Count > 0 && !inUnion => Reference(),
            _ => Record(depth - 1, space),
        };
    }

    private JsonArray Reference()
    {
        MayRecur = true;
        return new JsonArray("null", _named[_random.Next(_named.Count)]);
    }

    private JsonArray Union(int depth, string space)
    {
        JsonArray union = _random.Next(2) == 0 ? ["null"] : [];
        HashSet<string> kinds = [];
        for (int i = _random.Next(1, 4); i > 0; i--)
        {
            int known = _named.Count;
            JsonNode branch = Type(depth - 1, space, inUnion: true);
            string kind = branch is JsonValue word ? (string)word! : (string)branch["name"]! ?? (string)branch["type"]!;
            if (kinds.Add(kind))
                union.Add(branch);
            else
                _named.RemoveRange(known, _named.Count - known);
        }
        return union;
    }

    private JsonObject Record(int depth, string space)
    {
        JsonObject record = Named(new JsonObject { ["type"] = "record" }, space);
        if (_random.Next(2) == 0)
            record["doc"] = "Some \"doc\"";
        JsonArray fields = [];
        record["fields"] = fields;
        for (int i = _random.Next(1, 6); i > 0; i--)
            fields.Add(new JsonObject { ["name"] = $"f{++_names}", ["type"] = Type(depth, space) });
        return record;
    }

    private JsonObject Named(JsonObject schema, string? space = null)
    {
        string name = $"T{++_names}";
        bool elsewhere = space is null && _random.Next(3) == 0;
        schema["name"] = elsewhere ? "other.space." + name : name;
        if (space is not null)
            schema["namespace"] = space;
        _named.Add(elsewhere ? "other.space." + name : name);
        return schema;
    }
}
