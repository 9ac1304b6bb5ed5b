namespace Assay.Cli.Configuration.Internal;

/// <summary>Finds the word that a mistyped one was meant to be.</summary>
internal static class Suggestion
{
    /// <summary><c>; did you mean 'x'?</c>, or the list of known words where none is near.</summary>
    public static string For(string word, IEnumerable<string> known)
    {
        string[] words = [.. known.Order(StringComparer.Ordinal)];
        string? nearest = words.MinBy(candidate => Distance(word, candidate));
        if (nearest is not null && Distance(word, nearest) <= (Math.Min(word.Length, nearest.Length) + 2) / 3)
            return $"; did you mean '{nearest}'?";
        return words.Length == 0 ? "." : $"; there are {string.Join(", ", words)}.";
    }

    /// <summary>Levenshtein distance, one row at a time.</summary>
    private static int Distance(string from, string to)
    {
        Span<int> row = stackalloc int[to.Length + 1];
        for (int column = 0; column <= to.Length; column++)
            row[column] = column;
        for (int line = 1; line <= from.Length; line++)
        {
            int diagonal = row[0];
            row[0] = line;
            for (int column = 1; column <= to.Length; column++)
            {
                int change = diagonal + (char.ToLowerInvariant(from[line - 1]) == char.ToLowerInvariant(to[column - 1]) ? 0 : 1);
                diagonal = row[column];
                row[column] = Math.Min(change, Math.Min(row[column], row[column - 1]) + 1);
            }
        }
        return row[to.Length];
    }
}
