using System.Text;
using System.Text.Json;
using Assay.Schemas;

namespace Assay.Cli.Configuration.Internal;

/// <summary>Reads a configuration file (RFC 8259 with comments and trailing commas) into nodes that know their lines.</summary>
internal static class NodeParser
{
    private const int MaxDepth = 16;

    /// <param name="name">The file as messages call it.</param>
    /// <param name="utf8">Its bytes, with or without a byte order mark.</param>
    /// <param name="problems">Takes a key that stands twice.</param>
    /// <exception cref="UserException">It is not JSON, or no object.</exception>
    public static ObjectNode Parse(string name, ReadOnlyMemory<byte> utf8, Problems problems)
    {
        if (utf8.Span.StartsWith(Encoding.UTF8.Preamble))
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        try
        {
            Cursor cursor = new(name, utf8.Span, problems);
            cursor.Next();
            Node root = cursor.Value();
            cursor.End();
            return root as ObjectNode ?? throw new UserException($"{root.Origin}: the configuration is a JSON object in braces, and this is none.");
        }
        catch (JsonException failure)
        {
            // The parser's sentence ends with its own idea of the position.
            string reason = failure.Message.Split(" LineNumber:", 2)[0].TrimEnd('.', ' ');
            throw new UserException($"{name}:{failure.LineNumber + 1}: this is not JSON: {reason}.", failure);
        }
    }

    private ref struct Cursor(string name, ReadOnlySpan<byte> utf8, Problems problems)
    {
        private readonly ReadOnlySpan<byte> _utf8 = utf8;
        private Utf8JsonReader _reader = new(utf8, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = MaxDepth });
        private int _line = 1;
        private int _counted;

        public void Next() => _reader.Read();

        public void End() => _reader.Read();

        public Node Value()
        {
            Origin origin = Here();
            switch (_reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    return Object(origin);
                case JsonTokenType.StartArray:
                    return List(origin);
                case JsonTokenType.String:
                    return new ScalarNode(origin, ScalarKind.Text, _reader.GetString()!);
                case JsonTokenType.Number:
                    return new ScalarNode(origin, ScalarKind.Number, Encoding.UTF8.GetString(_reader.ValueSpan));
                case JsonTokenType.True or JsonTokenType.False:
                    return new ScalarNode(origin, ScalarKind.Boolean, _reader.TokenType == JsonTokenType.True ? "true" : "false");
                default:
                    return new ScalarNode(origin, ScalarKind.Null, "null");
            }
        }

        private ObjectNode Object(Origin origin)
        {
            ObjectNode node = new(origin);
            for (_reader.Read(); _reader.TokenType != JsonTokenType.EndObject; _reader.Read())
            {
                Origin keyOrigin = Here();
                string key = _reader.GetString()!;
                _reader.Read();
                Node value = Value();
                if (!node.Members.TryAdd(key, new ObjectNode.Member(keyOrigin, value)))
                    problems.Add(keyOrigin, $"'{key}' stands here a second time (first on line {node.Members[key].KeyOrigin.Line}); remove one.");
            }
            return node;
        }

        private ListNode List(Origin origin)
        {
            ListNode node = new(origin);
            for (_reader.Read(); _reader.TokenType != JsonTokenType.EndArray; _reader.Read())
                node.Items.Add(Value());
            return node;
        }

        /// <summary>Counts on from the last token, so that a file is counted through once.</summary>
        private Origin Here()
        {
            int position = (int)_reader.TokenStartIndex;
            _line += _utf8[_counted..position].Count((byte)'\n');
            _counted = position;
            return new Origin(name, _line);
        }
    }
}
