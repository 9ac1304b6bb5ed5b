using System.Data;
using Assay.Sink.Internal.Tables;
using Confluent.Kafka;
using Npgsql;

namespace Assay.Sink.Internal;

/// <summary>Stores batches, each together with the offsets it was read from, in one transaction: both are there or neither is.</summary>
/// <remarks>
/// <para>Each transaction first locks its partitions' rows in <c>sink_offset</c> and compares epoch and offset with what this instance holds. So a zombie,
/// which froze and does not know that its partitions have moved, is refused, and a new owner's claim waits for the transaction in flight and then reads
/// the offset behind it.</para>
/// <para>A connection that breaks during COMMIT leaves open what became of it. The retry sees: if the database stands where the batch ends, it is stored.</para>
/// <para>Used by one thread at a time. After any failure but a refused value it connects anew.</para>
/// </remarks>
internal sealed class DatabaseWriter : IAsyncDisposable
{
    // A frozen instance would otherwise hold its row locks, and with them the next owner, for ever.
    private const string Bounds = "SET idle_in_transaction_session_timeout = '20s'; SET statement_timeout = '60s'; SET timezone = 'UTC';";

    // The usual 8 KiB cost a system call for every twenty rows.
    private const int WriteBuffer = 64 * 1024;

    private readonly string connectionString;
    private readonly string owner;
    private NpgsqlConnection? connection;

    /// <param name="owner">Stands in <c>sink_offset</c>, for people.</param>
    public DatabaseWriter(string connectionString, string owner)
    {
        this.connectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            // Staging tables belong to a connection, and there is one.
            Pooling = false,
            ApplicationName = "assay-sink",
            Timeout = 10,
            CommandTimeout = 90,
            WriteBufferSize = WriteBuffer,
            TcpKeepAlive = true,
        }.ConnectionString;
        this.owner = owner;
    }

    /// <summary>Takes the partitions over from whoever had them and tells where each goes on.</summary>
    public Task<Dictionary<TopicPartition, Claim>> ClaimAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken) =>
        ConnectedAsync(async database =>
        {
            Dictionary<TopicPartition, Claim> claims = [];
            // In one order everywhere, so that two claims never wait for each other.
            await using NpgsqlCommand command = new(
                """
                INSERT INTO sink_offset (topic, partition, next_offset, epoch, owner)
                SELECT topic, partition, 0, 1, $3 FROM unnest($1::text[], $2::integer[]) AS claimed (topic, partition) ORDER BY topic, partition
                ON CONFLICT (topic, partition) DO UPDATE SET epoch = sink_offset.epoch + 1, owner = excluded.owner
                RETURNING topic, partition, next_offset, epoch
                """, database)
            {
                Parameters =
                {
                    new() { Value = partitions.Select(partition => partition.Topic).ToArray() },
                    new() { Value = partitions.Select(partition => partition.Partition.Value).ToArray() },
                    new() { Value = owner },
                },
            };
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                claims.Add(new TopicPartition(reader.GetString(0), reader.GetInt32(1)), new Claim(reader.GetInt64(3), reader.GetInt64(2)));
            return claims;
        }, cancellationToken);

    /// <summary>Stores the batch and moves the claims behind it.</summary>
    /// <param name="batch">Of each partition consecutive records, in their order, beginning where its claim stands.</param>
    /// <exception cref="RefusedException">The database refuses a value.</exception>
    /// <exception cref="FencedException">Another instance has taken over.</exception>
    public Task WriteAsync(IReadOnlyList<Entry> batch, IReadOnlyDictionary<TopicPartition, Claim> claims, CancellationToken cancellationToken) =>
        ConnectedAsync(async database =>
        {
            Dictionary<TopicPartition, long> ends = [];
            foreach (Entry entry in batch)
                ends[entry.Partition] = entry.Offset + 1;
            await using (NpgsqlTransaction transaction = await database.BeginTransactionAsync(cancellationToken))
            {
                if (!await AlreadyStoredAsync(database, ends, claims, cancellationToken))
                {
                    foreach (StagedTable table in StagedTable.All)
                        await table.WriteAsync(database, batch, cancellationToken);
                    await AdvanceAsync(database, ends, cancellationToken);
                    await transaction.CommitAsync(cancellationToken);
                }
            }
            foreach ((TopicPartition partition, long end) in ends)
                claims[partition].Next = end;
            return ends.Count;
        }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (connection is not null)
            await connection.DisposeAsync();
        connection = null;
    }

    private async Task<T> ConnectedAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(connection ??= await OpenAsync(cancellationToken));
        }
        catch (Exception failure) when (DatabaseFailures.Refusal(failure) is { } reason)
        {
            if (connection?.State != ConnectionState.Open)
                await DisposeAsync();
            throw new RefusedException(reason, failure);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection opened = new(connectionString);
        try
        {
            await opened.OpenAsync(cancellationToken);
#pragma warning disable CA2100 // The text is this program's own.
            await using NpgsqlCommand prepare = new(Bounds + Roles.ActAsWriter + string.Join("; ", StagedTable.All.Select(table => table.Stage)), opened);
#pragma warning restore CA2100
            await prepare.ExecuteNonQueryAsync(cancellationToken);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>Locks the partitions and compares them with the claims.</summary>
    /// <returns>True: the batch was committed by an attempt whose answer never arrived.</returns>
    private static async Task<bool> AlreadyStoredAsync(
        NpgsqlConnection database, Dictionary<TopicPartition, long> ends, IReadOnlyDictionary<TopicPartition, Claim> claims, CancellationToken cancellationToken)
    {
        int found = 0, stored = 0;
        await using NpgsqlCommand command = new(
            """
            SELECT topic, partition, next_offset, epoch, owner FROM sink_offset
            WHERE (topic, partition) IN (SELECT * FROM unnest($1::text[], $2::integer[])) ORDER BY topic, partition FOR UPDATE
            """, database)
        {
            Parameters =
            {
                new() { Value = ends.Keys.Select(partition => partition.Topic).ToArray() },
                new() { Value = ends.Keys.Select(partition => partition.Partition.Value).ToArray() },
            },
        };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            TopicPartition partition = new(reader.GetString(0), reader.GetInt32(1));
            (long next, long epoch) = (reader.GetInt64(2), reader.GetInt64(3));
            Claim claim = claims[partition];
            if (epoch != claim.Epoch)
                throw new FencedException($"{partition.Topic}-{partition.Partition.Value} now belongs to {reader.GetString(4)}");
            found++;
            if (next == ends[partition] && next != claim.Next)
                stored++;
            else if (next != claim.Next)
                throw new FencedException($"{partition.Topic}-{partition.Partition.Value} stands at {next} in the database, not at {claim.Next}");
        }
        if (found != ends.Count)
            throw new FencedException("its rows in sink_offset are gone");
        return stored == found;
    }

    private static async Task AdvanceAsync(NpgsqlConnection database, Dictionary<TopicPartition, long> ends, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            """
            UPDATE sink_offset SET next_offset = reached.next_offset
            FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS reached (topic, partition, next_offset)
            WHERE sink_offset.topic = reached.topic AND sink_offset.partition = reached.partition
            """, database)
        {
            Parameters =
            {
                new() { Value = ends.Keys.Select(partition => partition.Topic).ToArray() },
                new() { Value = ends.Keys.Select(partition => partition.Partition.Value).ToArray() },
                new() { Value = ends.Values.ToArray() },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
