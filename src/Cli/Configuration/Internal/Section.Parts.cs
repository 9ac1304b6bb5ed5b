namespace Assay.Cli.Configuration.Internal;

// Objects within objects, lists, and the checks that all kinds of values share.
internal sealed partial class Section
{
    private static readonly Uri Nowhere = new("http://localhost");

    private static readonly ObjectNode Empty = new(new Origin("the configuration"));

    /// <summary>The object under a key; an empty one where it is missing.</summary>
    public Section Inner(string key)
    {
        Know(key, "object");
        return new Section(Value(key) is { } node ? AsObject(node, Full(key)) : Empty, Full(key), $"{_tracePath}{key}.", _context);
    }

    /// <summary>The objects under a key by the names that people gave them.</summary>
    public IEnumerable<(string Name, Section Section)> Named(string key)
    {
        Know(key, "map");
        if (Value(key) is not { } node)
            yield break;
        foreach ((string name, ObjectNode.Member member) in AsObject(node, Full(key)).Members)
            yield return (name, new Section(AsObject(member.Value, $"{Full(key)}.{name}"), $"{Full(key)}.{name}", $"{_tracePath}{key}.*.", _context));
    }

    /// <summary>The objects in a list under a key.</summary>
    public IEnumerable<Section> Each(string key)
    {
        Know(key, "list");
        if (Value(key) is not { } node)
            yield break;
        if (node is not ListNode list)
        {
            Wrong(node, key, "a list in brackets");
            yield break;
        }
        for (int index = 0; index < list.Items.Count; index++)
            yield return new Section(AsObject(list.Items[index], $"{Full(key)}[{index}]"), $"{Full(key)}[{index}]", $"{_tracePath}{key}.*.", _context);
    }

    /// <summary>URLs in a list; from the environment, separated by commas. An item whose <c>${NAME?}</c> is not set is left out.</summary>
    public IReadOnlyList<Uri> Urls(string key, params string[] schemes)
    {
        Know(key, "strings");
        List<Uri> urls = [];
        IEnumerable<Node> items = Value(key) switch
        {
            ListNode list => list.Items,
            ScalarNode { Kind: ScalarKind.Untyped } scalar =>
                scalar.Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(text => new ScalarNode(scalar.Origin, ScalarKind.Untyped, text)),
            null => [],
            { } other => [other],
        };
        foreach (Node item in items)
        {
            if (item is not ScalarNode { Kind: ScalarKind.Text or ScalarKind.Untyped } scalar)
                Wrong(item, key, "a list of URLs in brackets");
            else if (!_context.References.TryFill(scalar.Text, inList: true, out string filled, out string? problem))
                Report(scalar, key, problem);
            else if (UrlOf(filled, schemes) is { } url)
                urls.Add(url);
            else
                Wrong(scalar, key, $"a URL that begins with {Schemes(schemes)}");
        }
        return urls;
    }

    /// <summary>Strings by name, with their <c>${NAME}</c> filled in; one whose <c>${NAME?}</c> is not set is left out.</summary>
    public IReadOnlyDictionary<string, string> Texts(string key)
    {
        Know(key, "texts");
        Dictionary<string, string> texts = new(StringComparer.OrdinalIgnoreCase);
        if (Value(key) is not { } node)
            return texts;
        foreach ((string name, ObjectNode.Member member) in AsObject(node, Full(key)).Members)
        {
            if (member.Value is not ScalarNode { Kind: ScalarKind.Text or ScalarKind.Untyped } scalar)
                Problem(member.Value.Origin, $"{Full(key)}.{name} is {Kind(member.Value)}, and must be a string.");
            else if (!_context.References.TryFill(scalar.Text, inList: true, out string filled, out string? problem))
                Report(scalar, $"{key}.{name}", problem);
            else
                texts[name] = filled;
        }
        return texts;
    }

    private ObjectNode AsObject(Node node, string path)
    {
        if (node is ObjectNode found)
            return found;
        Problem(node.Origin, $"{path} is {Kind(node)}, and must be an object in braces.");
        return Empty;
    }

    private bool Scalar(string key, string kind, out ScalarNode? scalar)
    {
        Know(key, kind);
        scalar = null;
        if (Value(key) is not { } node)
            return false;
        scalar = node as ScalarNode;
        if (scalar is null)
            Problem(node.Origin, $"{Full(key)} is {Kind(node)}, and must be a {kind}.");
        return scalar is not null;
    }

    /// <summary>A string with its references filled in; null after reporting why not.</summary>
    private string? Filled(ScalarNode node, string key)
    {
        if (node.Kind is ScalarKind.Boolean)
        {
            Wrong(node, key, "a string");
            return null;
        }
        if (_context.References.TryFill(node.Text, inList: false, out string filled, out string? problem))
            return filled;
        Report(node, key, problem);
        return null;
    }

    private Uri? Parse(string key, string kind, string text, Func<string, Uri?> parse, string must)
    {
        Know(key, kind);
        Uri? url = parse(text);
        if (url is null && Value(key) is ScalarNode node && text.Length > 0)
            Wrong(node, key, must);
        return url;
    }

    private static Uri? UrlOf(string text, string[] schemes) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && schemes.Contains(url.Scheme) && url.Host.Length > 0 ? url : null;

    private static string Schemes(string[] schemes) => string.Join(" or ", schemes.Select(scheme => scheme + "://"));

    private static bool ReadableByOthers(string path) =>
        !OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0;

    private Node? Value(string key) => _node.Members.TryGetValue(key, out ObjectNode.Member? member) && member.Value is not ScalarNode { Kind: ScalarKind.Null } ? member.Value : null;

    private bool Has(string key) => Value(key) is not null;

    private void Know(string key, string kind)
    {
        _known.Add(key);
        _context.Trace?.Add(_tracePath + key, kind);
    }

    private void Missing(string key) => Problem(_node.Origin, $"{Full(key)} is missing.");

    private void Report(Node node, string key, string? problem)
    {
        if (problem is not null)
            Problem(node.Origin, $"{Full(key)}: {problem}");
    }

    /// <summary>Shows the value as it was written, so a secret that a reference stands for stays out; one from the environment is not shown at all.</summary>
    private void Wrong(Node node, string key, string must)
    {
        string shown = node is ScalarNode { Kind: not ScalarKind.Untyped } scalar ? $" is {(scalar.Kind == ScalarKind.Text ? $"\"{scalar.Text}\"" : scalar.Text)}, and" : "";
        Problem(node.Origin, $"{Full(key)}{shown} must be {must}.");
    }

    private void Problem(Origin origin, string sentence) => _context.Problems.Add(origin, sentence);

    private static string Kind(Node node) => node switch
    {
        ObjectNode => "an object",
        ListNode => "a list",
        ScalarNode { Kind: ScalarKind.Number } => "a number",
        ScalarNode { Kind: ScalarKind.Boolean } => "true or false",
        ScalarNode { Kind: ScalarKind.Null } => "null",
        _ => "a string",
    };
}
