using Npgsql;

namespace Assay.Sink.Internal;

/// <summary>The database refuses a value of the batch; nothing of the batch is stored.</summary>
internal sealed class RefusedException(string reason, Exception cause) : Exception(reason, cause);

/// <summary>Another instance has taken the partitions over; nothing of the batch is stored, and this instance may not write until it is assigned anew.</summary>
internal sealed class FencedException(string detail) : Exception(detail);

/// <summary>The schema lacks steps that this login may not apply; the message is the whole sentence.</summary>
internal sealed class SchemaBehindException(string sentence, Exception cause) : Exception(sentence, cause);

/// <summary>Tells failures apart by what is to be done about them. Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html.</summary>
internal static class DatabaseFailures
{
    /// <summary>What is wrong with a value, if that is what the failure says: then the same batch fails for ever. Null for all others, which may pass.</summary>
    public static string? Refusal(Exception failure) => failure switch
    {
        // Data exception; integrity constraint; program limit (an index row, a json value that is too large).
        PostgresException { SqlState: ['2', '2', ..] or ['2', '3', ..] or ['5', '4', ..] } refusal =>
            $"The database refuses the row: {refusal.MessageText}{(refusal.Detail is null ? "" : $" ({refusal.Detail})")}",
        // Npgsql: text that is half a surrogate pair; BigInteger: a number that is none.
        ArgumentException or OverflowException or FormatException => $"The row cannot be written: {failure.Message}",
        _ => null,
    };

    /// <summary>One word for all failures of one cause. A server that restarts breaks its connections, refuses new ones and then is starting: to whoever waits, that is one.</summary>
    public static string Cause(Exception failure) => failure switch
    {
        PostgresException { SqlState: ['5', '7', 'P', ..] } => "away",
        PostgresException { SqlState: ['5', '3', ..] } => "full",
        PostgresException other => other.SqlState,
        NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException => "away",
        _ => failure.GetType().Name,
    };

    /// <summary>The end of a sentence that begins with "The database …".</summary>
    public static string Describe(Exception failure) => failure switch
    {
        PostgresException { SqlState: "25006" } => "is read-only",
        PostgresException { SqlState: ['5', '3', ..] } full => $"is full ({full.MessageText})",
        PostgresException { SqlState: ['5', '7', 'P', ..] } => "is shutting down or starting",
        PostgresException { SqlState: "42501" } right => $"does not let its user do that ({right.MessageText})",
        PostgresException { SqlState: ['4', '2', ..] } schema => $"does not have the schema this program writes ({schema.MessageText})",
        PostgresException { SqlState: ['2', '8', ..] } login => $"refuses the login ({login.MessageText})",
        PostgresException other => $"fails with {other.SqlState}: {other.MessageText}",
        NpgsqlException { InnerException: { } cause } => $"does not answer ({cause.Message})",
        _ => $"does not answer ({failure.Message})",
    };
}
