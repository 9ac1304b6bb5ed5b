using Npgsql;
using NpgsqlTypes;

namespace Assay.Sink.Internal.Tables;

/// <summary>
/// One table's way in: the rows of a batch are copied, in binary, into a staging table that only this connection sees, and from there merged by one
/// statement. Staging tables are temporary: unlogged, and emptied by the commit. A table whose rows are never there already is copied into directly, and staged only
/// if one is there after all.
/// </summary>
internal abstract class StagedTable
{
    /// <summary>All tables, in the order in which a batch writes them.</summary>
    public static IReadOnlyList<StagedTable> All { get; } = [new ContractPriceTable(), new ApiPriceTable(), new AccuracyTable(), new DeadLetterTable(), new ResentTable()];

    /// <summary>Creates the staging table where this connection has none.</summary>
    public abstract string Stage { get; }

    /// <summary>Copies, merges. Returns at once where the batch has no row for this table.</summary>
    /// <exception cref="PostgresException">The database refuses a value.</exception>
    public abstract Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<Entry> batch, CancellationToken cancellationToken);
}

/// <typeparam name="TRow">What <see cref="Entry.Row"/> holds for this table.</typeparam>
internal abstract class StagedTable<TRow> : StagedTable
    where TRow : class
{
    /// <summary><c>COPY … FROM STDIN (FORMAT binary)</c>.</summary>
    protected abstract string Copy { get; }

    /// <summary>From the staging table into the real one.</summary>
    protected abstract string Merge { get; }

    /// <summary>The same COPY into the real table; null where rows replace others, so that they must be merged.</summary>
    protected virtual string? CopyDirectly => null;

    public override async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<Entry> batch, CancellationToken cancellationToken)
    {
        if (CopyDirectly is not null && batch.Any(entry => entry.Row is TRow) && await TryCopyDirectlyAsync(connection, batch, cancellationToken))
            return;
        if (await CopyAsync(connection, Copy, batch, cancellationToken))
            await Sql.ExecuteAsync(connection, Merge, cancellationToken);
    }

    /// <returns>False: one of the rows is there already, and nothing was stored.</returns>
    private async Task<bool> TryCopyDirectlyAsync(NpgsqlConnection connection, IReadOnlyList<Entry> batch, CancellationToken cancellationToken)
    {
        await Sql.ExecuteAsync(connection, "SAVEPOINT directly", cancellationToken);
        try
        {
            await CopyAsync(connection, CopyDirectly!, batch, cancellationToken);
            return true;
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            await Sql.ExecuteAsync(connection, "ROLLBACK TO SAVEPOINT directly", cancellationToken);
            return false;
        }
    }

    /// <returns>Whether the batch has a row for this table.</returns>
    private async Task<bool> CopyAsync(NpgsqlConnection connection, string copy, IReadOnlyList<Entry> batch, CancellationToken cancellationToken)
    {
        NpgsqlBinaryImporter? importer = null;
        try
        {
            for (int index = 0; index < batch.Count; index++)
            {
                if (batch[index].Row is not TRow row)
                    continue;
                importer ??= await connection.BeginBinaryImportAsync(copy, cancellationToken);
                await importer.StartRowAsync(cancellationToken);
                await WriteAsync(new Columns(importer, cancellationToken), index, batch[index], row);
            }
            if (importer is null)
                return false;
            await importer.CompleteAsync(cancellationToken);
            return true;
        }
        finally
        {
            if (importer is not null)
                await importer.DisposeAsync();
        }
    }

    /// <param name="ordinal">The row's place in the batch: of two rows for one key the later counts.</param>
    protected abstract Task WriteAsync(Columns columns, int ordinal, Entry entry, TRow row);

    /// <summary>Writes a row's columns, in the order of <see cref="Copy"/>.</summary>
    protected readonly struct Columns(NpgsqlBinaryImporter importer, CancellationToken cancellationToken)
    {
        public Task Write<T>(T value, NpgsqlDbType type) => importer.WriteAsync(value, type, cancellationToken);

        public Task Text(string? value) => value is null ? Null() : Write(value, NpgsqlDbType.Text);

        public Task Number(decimal? value) => value is { } number ? Write(Decimals.Normalise(number), NpgsqlDbType.Numeric) : Null();

        public Task Time(DateTime? value) => value is { } time ? Write(time, NpgsqlDbType.TimestampTz) : Null();

        public Task Null() => importer.WriteNullAsync(cancellationToken);
    }
}
