using System.Text;
using Assay.Schemas;

namespace Assay.Cli.Replay;

/// <summary>
/// Reads a CSV file with a header, line by line, without keeping it (RFC 4180, but that a field holds no line break): fields between commas, one that holds
/// a comma or a quote between quotes, a quote in it doubled. Empty lines are passed over.
/// </summary>
internal sealed class CsvReader : IDisposable
{
    private readonly StreamReader _reader;
    private readonly string[] _names;
    private readonly Range[] _fields;
    private string _line = "";

    /// <exception cref="UserException">The file cannot be read, or has no header.</exception>
    public CsvReader(string path)
    {
        Path = path;
        _reader = Open(path);
        string? header = Guarded(_reader.ReadLine) ?? throw new UserException($"{path} is empty: its first line must name the columns.");
        Line = 1;
        _names = [.. header.Split(',').Select(name => name.Trim().Trim('"').ToLowerInvariant())];
        if (_names.GroupBy(name => name).FirstOrDefault(name => name.Count() > 1) is { } twice)
            throw new UserException($"{path}:1: the header names the column '{twice.Key}' twice.");
        _fields = new Range[_names.Length + 1];
    }

    public string Path { get; }

    /// <summary>Number of the line that <see cref="Read"/> came to, from 1.</summary>
    public int Line { get; private set; }

    public IReadOnlyList<string> Names => _names;

    /// <summary>Bytes read so far and in all; both 0 where the file is a pipe.</summary>
    public (long Done, long Total) Progress => _reader.BaseStream.CanSeek ? (_reader.BaseStream.Position, _reader.BaseStream.Length) : (0, 0);

    /// <summary>A column's place; -1 where the header does not name it.</summary>
    public int Column(string name) => Array.IndexOf(_names, name);

    /// <exception cref="UserException">The header does not name it.</exception>
    public int RequiredColumn(string name) => Column(name) is >= 0 and int column
        ? column
        : throw new UserException($"{Path}:1: the header names no column '{name}'; it has {string.Join(", ", _names)}.");

    /// <summary>Moves to the next line; false at the end. A line that has not as many fields as the header has <paramref name="fault"/>.</summary>
    public bool Read(out string? fault)
    {
        do
        {
            fault = null;
            if (Guarded(_reader.ReadLine) is not { } line)
                return false;
            Line++;
            _line = line;
        }
        while (string.IsNullOrWhiteSpace(_line));
        int count = _line.Contains('"', StringComparison.Ordinal) ? Unquote(out fault) : _line.AsSpan().Split(_fields, ',');
        if (fault is null && count != _names.Length)
            fault = $"it has {(count > _names.Length ? $"more than {_names.Length}" : $"{count}")} fields where the header names {_names.Length}";
        return true;
    }

    /// <summary>A field without the blanks around it; empty where the column is -1.</summary>
    public ReadOnlySpan<char> Field(int column) => column < 0 ? default : _line.AsSpan(_fields[column]).Trim();

    public void Dispose() => _reader.Dispose();

    /// <summary>Writes the line anew without its quotes, and where its fields then stand.</summary>
    private int Unquote(out string? fault)
    {
        StringBuilder plain = new(_line.Length);
        int count = 0, start = 0;
        bool quoted = false;
        for (int i = 0; i <= _line.Length; i++)
        {
            char next = i < _line.Length ? _line[i] : ',';
            if (next == '"' && quoted && i + 1 < _line.Length && _line[i + 1] == '"')
                plain.Append(_line[i++]);
            else if (next == '"')
                quoted = !quoted;
            else if (next != ',' || (quoted && i < _line.Length))
                plain.Append(next);
            else
            {
                if (count < _fields.Length)
                    _fields[count] = start..plain.Length;
                count = Math.Min(count + 1, _fields.Length);
                start = plain.Length;
            }
        }
        fault = quoted ? "a quote is opened and not closed" : null;
        _line = plain.ToString();
        return count;
    }

    private static StreamReader Open(string path)
    {
        try
        {
            return new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan), Encoding.UTF8);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{path} cannot be read: {failure.Message.TrimEnd('.')}.", failure);
        }
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (IOException failure)
        {
            throw new UserException($"{Path} cannot be read on after line {Line}: {failure.Message.TrimEnd('.')}.", failure);
        }
    }
}
