using System.Text.Json;

namespace Assay.Cli.Tail;

/// <summary>A record as tail shows it.</summary>
/// <param name="Json">One line: what --json prints.</param>
/// <param name="Value">The same, parsed: what the table's columns are taken from.</param>
/// <param name="Problem">Why the record could not be decoded; null: it could.</param>
internal sealed record TailedRecord(string Json, JsonElement Value, string? Problem);
