namespace Assay.Chaos.Tests;

/// <summary>One test of the crash tests at a time: each has many processes of its own.</summary>
[CollectionDefinition(Name)]
public sealed class ChaosCollection
{
    public const string Name = "chaos";
}
