namespace Assay.Cli.Check;

/// <summary>One line of <c>assay check</c>.</summary>
/// <param name="Kind">What was looked at: <c>Kafka</c>, <c>feed</c>, …</param>
/// <param name="Name">Which one.</param>
/// <param name="Ok">Whether it can be worked with.</param>
/// <param name="Sentence">What was found, or what is wrong and the mend.</param>
internal sealed record CheckResult(string Kind, string Name, bool Ok, string Sentence);
