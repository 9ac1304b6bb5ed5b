namespace Assay.Broker;

/// <summary>Whom the broker lets in and how they prove who they are. The schema registry asks the same users, by basic authentication.</summary>
public sealed record SaslOptions
{
    /// <summary>One or several of <c>SCRAM-SHA-256</c>, <c>SCRAM-SHA-512</c> and, with TLS only, <c>PLAIN</c>.</summary>
    public required IReadOnlyList<string> Mechanisms { get; init; }
    /// <summary>Each user's password. Every user may do everything: there are no access lists.</summary>
    public required IReadOnlyDictionary<string, string> Users { get; init; }

    /// <summary>The mechanisms and how many users, without secrets.</summary>
    public override string ToString() => $"{string.Join(", ", Mechanisms)}, users: {Users.Count}";
}
