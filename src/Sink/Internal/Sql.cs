using Npgsql;

namespace Assay.Sink.Internal;

/// <summary>Statements of this program's own, whose text depends on no input.</summary>
internal static class Sql
{
    /// <summary>Runs statements however long they take.</summary>
    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // The text is this program's own.
        await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The first value of the first row; null where there is none.</summary>
    public static async Task<object?> AskAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // The text is this program's own.
        await using NpgsqlCommand command = new(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(cancellationToken) is var value and not DBNull ? value : null;
    }
}
