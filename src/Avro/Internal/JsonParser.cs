using System.Globalization;
using System.Text;

namespace Assay.Avro.Internal;

/// <summary>Reads one JSON text (RFC 8259), nested at most <see cref="MaximumDepth"/> deep.</summary>
internal sealed class JsonParser
{
    private const int MaximumDepth = 100;

    private readonly string _text;
    private int _position;
    private int _line = 1;
    private int _lineStart;
    private int _depth;

    private JsonParser(string text) => _text = text;

    /// <exception cref="SchemaException">The text is not JSON; line and column say where.</exception>
    public static JsonValue Parse(string text)
    {
        JsonParser parser = new(text);
        parser.SkipSpace();
        JsonValue value = parser.ReadValue();
        parser.SkipSpace();
        if (parser._position < text.Length)
            throw parser.Error($"after the end of the JSON stands '{text[parser._position]}'");
        return value;
    }

    private JsonValue ReadValue()
    {
        if (_position >= _text.Length)
            throw Error("the JSON ends where a value is expected");
        return _text[_position] switch
        {
            '{' => ReadObject(),
            '[' => ReadArray(),
            '"' => ReadText(),
            't' => ReadWord(JsonKind.Boolean, "true"),
            'f' => ReadWord(JsonKind.Boolean, "false"),
            'n' => ReadWord(JsonKind.Null, "null"),
            _ => ReadNumber(),
        };
    }

    private JsonValue ReadObject()
    {
        JsonValue value = Open(JsonKind.Object);
        HashSet<string> names = new(StringComparer.Ordinal);
        while (!Closes('}', value.Members.Count > 0))
        {
            if (_position >= _text.Length || _text[_position] != '"')
                throw Error("a member's name in double quotes is expected");
            JsonValue name = ReadText();
            if (!names.Add(name.Text))
                throw new SchemaException($"the member \"{name.Text}\" is given twice", name);
            SkipSpace();
            if (_position >= _text.Length || _text[_position] != ':')
                throw Error($"a ':' is expected after \"{name.Text}\"");
            _position++;
            SkipSpace();
            value.Members.Add(new KeyValuePair<string, JsonValue>(name.Text, ReadValue()));
        }
        return value;
    }

    private JsonValue ReadArray()
    {
        JsonValue value = Open(JsonKind.Array);
        while (!Closes(']', value.Items.Count > 0))
            value.Items.Add(ReadValue());
        return value;
    }

    private JsonValue Open(JsonKind kind)
    {
        if (++_depth > MaximumDepth)
            throw Error($"the JSON is nested deeper than {MaximumDepth}");
        JsonValue value = new(kind, "", _line, Column);
        _position++;
        return value;
    }

    /// <summary>Takes the closing bracket, or the comma before a further element.</summary>
    private bool Closes(char bracket, bool afterElement)
    {
        SkipSpace();
        if (_position < _text.Length && _text[_position] == bracket)
        {
            _position++;
            _depth--;
            return true;
        }
        if (afterElement)
        {
            if (_position >= _text.Length || _text[_position] != ',')
                throw Error($"',' or '{bracket}' is expected");
            _position++;
            SkipSpace();
        }
        return false;
    }

    private JsonValue ReadWord(JsonKind kind, string word)
    {
        if (string.CompareOrdinal(_text, _position, word, 0, word.Length) != 0)
            throw Error("a JSON value is expected");
        JsonValue value = new(kind, word, _line, Column);
        _position += word.Length;
        return value;
    }

    private JsonValue ReadNumber()
    {
        int start = _position;
        int column = Column;
        if (Peek('-'))
            _position++;
        int digits = _position;
        TakeDigits();
        bool valid = _position > digits && (_text[digits] != '0' || _position == digits + 1);
        if (valid && Peek('.'))
        {
            _position++;
            valid = TakeDigits();
        }
        if (valid && (Peek('e') || Peek('E')))
        {
            _position++;
            if (Peek('+') || Peek('-'))
                _position++;
            valid = TakeDigits();
        }
        if (valid)
            return new JsonValue(JsonKind.Number, _text.Substring(start, _position - start), _line, column);
        _position = start;
        throw Error("a JSON value is expected");
    }

    private bool TakeDigits()
    {
        int start = _position;
        while (_position < _text.Length && _text[_position] is >= '0' and <= '9')
            _position++;
        return _position > start;
    }

    private bool Peek(char c) => _position < _text.Length && _text[_position] == c;

    private JsonValue ReadText()
    {
        int column = Column;
        StringBuilder text = new();
        for (_position++; _position < _text.Length; _position++)
        {
            char c = _text[_position];
            if (c == '"')
            {
                _position++;
                return new JsonValue(JsonKind.String, text.ToString(), _line, column);
            }
            if (c < ' ')
                throw Error("a control character stands in a string; write it as \\uXXXX");
            text.Append(c == '\\' ? ReadEscape() : c);
        }
        throw Error("a string is not closed");
    }

    private char ReadEscape()
    {
        _position++;
        char c = _position < _text.Length ? _text[_position] : '\0';
        switch (c)
        {
            case '"' or '\\' or '/':
                return c;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u' when _position + 4 < _text.Length:
                string digits = _text.Substring(_position + 1, 4);
                if (!ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
                    goto default;
                _position += 4;
                return (char)code;
            default:
                throw Error("a string holds an escape that JSON does not know");
        }
    }

    private void SkipSpace()
    {
        for (; _position < _text.Length; _position++)
        {
            char c = _text[_position];
            if (c == '\n')
            {
                _line++;
                _lineStart = _position + 1;
            }
            else if (c is not (' ' or '\t' or '\r'))
            {
                return;
            }
        }
    }

    private int Column => _position - _lineStart + 1;

    private SchemaException Error(string what) => new(what, _line, Column);
}
