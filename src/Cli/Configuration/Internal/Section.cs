using System.Globalization;

namespace Assay.Cli.Configuration.Internal;

/// <summary>What all sections of one configuration share.</summary>
internal sealed record LoadContext(Problems Problems, References References, KeyTrace? Trace = null);

/// <summary>One object of the configuration, read key by key. A wrong value becomes a problem and reads as its default, so that reading goes on and finds the next.</summary>
/// <remarks>The keys that were asked for are the known ones: <see cref="Done"/> reports all others.</remarks>
internal sealed partial class Section
{
    private readonly ObjectNode _node;
    private readonly string _path;
    private readonly string _tracePath;
    private readonly LoadContext _context;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public Section(ObjectNode node, LoadContext context)
        : this(node, "", "", context)
    {
    }

    private Section(ObjectNode node, string path, string tracePath, LoadContext context)
    {
        _node = node;
        _path = path;
        _tracePath = tracePath;
        _context = context;
    }

    /// <summary>A string; <paramref name="fallback"/> where the key is missing or null.</summary>
    public string? Text(string key, string? fallback = null) => Scalar(key, "string", out ScalarNode? node) ? Filled(node!, key) ?? fallback : fallback;

    public string RequiredText(string key)
    {
        string? text = Text(key);
        if (text is null && !Has(key))
            Missing(key);
        return text ?? "";
    }

    /// <summary>A string that must not be read by other users of the machine where it stands in the file itself.</summary>
    public string? Secret(string key)
    {
        if (!Scalar(key, "string", out ScalarNode? node))
            return null;
        if (node!.Kind == ScalarKind.Text && !References.Any(node.Text) && node.Origin.Line is not null && ReadableByOthers(node.Origin.Source))
        {
            Problem(node.Origin, $"{Full(key)} is a secret in a file that others can read; write \"${{NAME}}\" there and set NAME in the environment, or chmod 600 the file.");
            return null;
        }
        return Filled(node, key);
    }

    /// <summary>A string as it was written, where it holds references; null where it holds none or is missing.</summary>
    public string? Unfilled(string key) => Value(key) is ScalarNode node && References.Any(node.Text) ? node.Text : null;

    public Uri Url(string key, params string[] schemes) => Parse(key, "string", RequiredText(key), text => UrlOf(text, schemes), $"a URL that begins with {Schemes(schemes)}") ?? Nowhere;

    public Uri Url(string key, Uri fallback, params string[] schemes)
    {
        string? text = Text(key);
        return text is null ? fallback : Parse(key, "string", text, candidate => UrlOf(candidate, schemes), $"a URL that begins with {Schemes(schemes)}") ?? fallback;
    }

    public int Whole(string key, int fallback, int least, int most)
    {
        if (!Scalar(key, "integer", out ScalarNode? node))
            return fallback;
        if (node!.Kind is ScalarKind.Number or ScalarKind.Untyped && Filled(node, key) is { } text &&
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
            return number;
        Wrong(node, key, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));
        return fallback;
    }

    public decimal Number(string key, decimal? fallback, decimal least, decimal most)
    {
        if (!Scalar(key, "number", out ScalarNode? node))
        {
            if (fallback is null && !Has(key))
                Missing(key);
            return fallback ?? least;
        }
        if (node!.Kind is ScalarKind.Number or ScalarKind.Untyped && Filled(node, key) is { } text &&
            decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) && number >= least && number <= most)
            return number;
        Wrong(node, key, string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"));
        return fallback ?? least;
    }

    /// <summary>A duration; null where the key is missing or null, or says <paramref name="unlimited"/>.</summary>
    public TimeSpan? Duration(string key, TimeSpan least, string? unlimited = null, TimeSpan? most = null)
    {
        if (!Scalar(key, "string", out ScalarNode? node))
            return null;
        bool text = node!.Kind is ScalarKind.Text or ScalarKind.Untyped;
        if (text && unlimited is not null && node.Text == unlimited)
            return null;
        string? filled = text ? Filled(node, key) : null;
        if (text && filled is null)
            return null;
        if (filled is not null && DurationText.TryParse(filled, out TimeSpan duration) && duration >= least && !(duration > most))
            return duration;
        string bounds = (most is { } limit ? $" from {DurationText.Format(least)} to {DurationText.Format(limit)}" : $" of at least {DurationText.Format(least)}")
            + (unlimited is null ? "" : $" or \"{unlimited}\"");
        Wrong(node, key, $"a duration{bounds}: {DurationText.Mend}");
        return null;
    }

    public TimeSpan Duration(string key, TimeSpan fallback, TimeSpan least, TimeSpan? most = null) => Duration(key, least, most: most) ?? fallback;

    public TimeSpan RequiredDuration(string key, TimeSpan least)
    {
        TimeSpan? duration = Duration(key, least);
        if (duration is null && !Has(key))
            Missing(key);
        return duration ?? least;
    }

    /// <summary>One of a few words.</summary>
    public T OneOf<T>(string key, T fallback, IReadOnlyList<(string Word, T Value)> words)
    {
        if (!Scalar(key, "string", out ScalarNode? node))
            return fallback;
        foreach ((string word, T value) in words)
        {
            if (node!.Kind is ScalarKind.Text or ScalarKind.Untyped && string.Equals(node.Text, word, StringComparison.OrdinalIgnoreCase))
                return value;
        }
        Wrong(node!, key, $"one of {string.Join(", ", words.Select(word => $"\"{word.Word}\""))}");
        return fallback;
    }

    /// <summary>Reports every key that nobody asked for.</summary>
    public void Done()
    {
        foreach ((string key, ObjectNode.Member member) in _node.Members)
        {
            if (!_known.Contains(key))
                Problem(member.KeyOrigin, $"'{key}' is no key of {(_path.Length == 0 ? "the configuration" : _path)}{Suggestion.For(key, _known)}");
        }
    }

    /// <summary>Adds a problem that only the mapping can see, where <paramref name="key"/> stands.</summary>
    public void Refuse(string key, string sentence) =>
        Problem(_node.Members.TryGetValue(key, out ObjectNode.Member? member) ? member.KeyOrigin : _node.Origin, sentence);

    /// <summary>The key with the sections that it stands in.</summary>
    public string Full(string key) => _path.Length == 0 ? key : $"{_path}.{key}";
}
