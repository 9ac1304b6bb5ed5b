using System.Text.Json.Nodes;

namespace Assay.Avro.Tests.Support;

/// <summary>Turns a schema into one that a later reader may have: fields dropped, added, renamed, reordered, types promoted, made nullable, or broken.</summary>
internal sealed class Evolution(int seed)
{
    private readonly Random _random = new(seed);
    private int _added;

    public JsonObject Evolve(JsonObject schema)
    {
        JsonObject evolved = (JsonObject)schema.DeepClone();
        Change(evolved);
        return evolved;
    }

    private void Change(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject type when (string)type["type"]! is "record":
                ChangeFields((JsonArray)type["fields"]!);
                break;
            case JsonObject type when (string)type["type"]! is "enum":
                ChangeSymbols(type);
                break;
            case JsonObject type when type["items"] is JsonObject items:
                Change(items);
                break;
            case JsonObject type when type["values"] is JsonObject values:
                Change(values);
                break;
            case JsonArray union:
                foreach (JsonNode? branch in union.ToArray())
                    Change(branch);
                if (_random.Next(4) == 0)
                    union.Insert(_random.Next(union.Count), new JsonObject { ["type"] = "fixed", ["name"] = $"New{++_added}", ["size"] = 3 });
                break;
        }
    }

    private void ChangeFields(JsonArray fields)
    {
        foreach (JsonNode? node in fields.ToArray())
        {
            JsonObject field = (JsonObject)node!;
            switch (_random.Next(9))
            {
                case 0 when field["type"] is JsonValue:
                    fields.Remove(field);
                    break;
                case 1:
                    field["aliases"] = new JsonArray((string)field["name"]!);
                    field["name"] = $"renamed{++_added}";
                    break;
                case 2 when field["type"] is JsonValue word:
                    field["type"] = Promote((string)word!);
                    break;
                case 3 when field["type"] is { } type and not JsonArray && type.ToString() != "null":
                    field["type"] = new JsonArray("null", type.DeepClone());
                    break;
                case 4 when field["type"] is JsonValue word && _random.Next(4) == 0:
                    field["type"] = (string)word! == "int" ? "string" : "int";
                    break;
                default:
                    Change(field["type"]);
                    break;
            }
        }
        if (_random.Next(2) == 0)
            fields.Insert(_random.Next(fields.Count + 1), Added());
    }

    private void ChangeSymbols(JsonObject type)
    {
        JsonArray symbols = (JsonArray)type["symbols"]!;
        symbols.RemoveAt(_random.Next(symbols.Count));
        symbols.Insert(_random.Next(symbols.Count + 1), "NEW");
        if (_random.Next(2) == 0)
            type["default"] = "NEW";
    }

    private JsonObject Added()
    {
        string name = $"added{++_added}";
        // Not every reader has a default for what it adds.
        return _random.Next(7) switch
        {
            0 => new JsonObject { ["name"] = name, ["type"] = "long", ["default"] = 7 },
            1 => new JsonObject { ["name"] = name, ["type"] = new JsonArray("null", "string"), ["default"] = null },
            2 => new JsonObject { ["name"] = name, ["type"] = "bytes", ["default"] = "a\u00ff" },
            3 => new JsonObject
            {
                ["name"] = name,
                ["type"] = new JsonObject { ["type"] = "array", ["items"] = "double" },
                ["default"] = new JsonArray(1.5, -2),
            },
            4 => new JsonObject
            {
                ["name"] = name,
                ["type"] = new JsonObject { ["type"] = "map", ["values"] = new JsonArray("int", "null") },
                ["default"] = new JsonObject { ["one"] = 1 },
            },
            5 => new JsonObject
            {
                ["name"] = name,
                ["type"] = new JsonObject
                {
                    ["type"] = "record",
                    ["name"] = $"Added{_added}",
                    ["fields"] = new JsonArray(
                        new JsonObject { ["name"] = "given", ["type"] = "int" },
                        new JsonObject { ["name"] = "own", ["type"] = "string", ["default"] = "own" }),
                },
                ["default"] = new JsonObject { ["given"] = 3 },
            },
            _ => new JsonObject { ["name"] = name, ["type"] = "boolean" },
        };
    }

    private static string Promote(string word) => word switch
    {
        "int" => "long",
        "long" => "float",
        "float" => "double",
        "string" => "bytes",
        "bytes" => "string",
        _ => word,
    };
}
