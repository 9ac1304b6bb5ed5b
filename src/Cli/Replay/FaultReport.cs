using Assay.Schemas;

namespace Assay.Cli.Replay;

/// <summary>Lines that cannot be used: each is said, counted and passed over, or, if strict, ends the work.</summary>
internal sealed class FaultReport(bool strict, Action<string> say)
{
    public int Count { get; private set; }

    /// <exception cref="UserException">Strict.</exception>
    public void Add(string file, int line, string reason)
    {
        string sentence = $"{file}:{line}: {reason.TrimEnd('.')}";
        if (strict)
            throw new UserException($"{sentence}.");
        Count++;
        say($"{sentence}; skipped");
    }
}
