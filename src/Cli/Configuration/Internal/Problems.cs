using Assay.Schemas;

namespace Assay.Cli.Configuration.Internal;

/// <summary>Collects what is wrong with a configuration, so that one run shows all of it.</summary>
internal sealed class Problems
{
    private readonly List<string> _sentences = [];

    public void Add(Origin origin, string sentence) => _sentences.Add($"{origin}: {sentence}");

    /// <exception cref="UserException">There are problems: one line each.</exception>
    public void ThrowIfAny()
    {
        if (_sentences.Count > 0)
            throw new UserException(string.Join(Environment.NewLine, _sentences));
    }
}
