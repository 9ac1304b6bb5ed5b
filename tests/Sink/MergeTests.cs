using Assay.Schemas;
using Assay.Sink.Internal;
using Confluent.Kafka;

namespace Assay.Sink.Tests;

/// <summary>What stands in a table after all batches depends on the records alone, not on how they were cut into batches or, for accuracy, ordered.</summary>
public sealed class MergeTests(DatabaseServer server)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Accuracy_is_the_latest_revision_in_whatever_order_they_come()
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        int seed = Random.Shared.Next();
        Random random = new(seed);
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        List<Accuracy> records = [];
        for (int number = 0; number < 120; number++)
        {
            // An answer's round may come again at another time; a window's time is in its id.
            bool answer = random.Next(2) == 0;
            for (int revision = 0; revision < random.Next(1, 6); revision++)
            {
                records.Add(answer
                    ? Make.Answer(number, Make.Start.AddMinutes(number).AddSeconds(random.Next(3)), revision) with { DeviationPct = random.Next(100) }
                    : Make.Window(number, revision, random.Next(100)));
            }
        }
        Accuracy[] shuffled = [.. records];
        random.Shuffle(shuffled);

        await StoreInBatchesAsync(database, Topics.Accuracy, shuffled, random);

        Assert.Equal(
            records.GroupBy(record => record.Id).Select(revisions => revisions.MaxBy(record => record.Revision)!)
                .Select(record => $"{record.Id}|{record.At:yyyy-MM-dd HH:mm:ss}+00|{record.Revision}|{record.DeviationPct}").Order(StringComparer.Ordinal),
            (await database.RowsAsync("SELECT id, at, revision, deviation_pct FROM accuracy")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Log_is_removed_or_not_as_the_record_observed_last_says_whatever_the_order_of_arrival()
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        int seed = Random.Shared.Next();
        Random random = new(seed);
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        List<ContractPrice> records = [];
        for (int number = 0; number < 400; number++)
            records.Add(Make.Log(random.Next(60), removed: random.Next(2) == 0) with { ObservedAt = Make.Start.AddSeconds(random.Next(20)) });

        await StoreInBatchesAsync(database, Topics.Contracts, records, random);

        Assert.Equal(
            records.GroupBy(log => log.BlockHash).Select(log => log.MaxBy(record => (record.ObservedAt, record.Removed))!)
                .Select(log => $"{log.BlockHash}|{(log.Removed ? 't' : 'f')}|{log.ObservedAt:yyyy-MM-dd HH:mm:ss}+00").Order(StringComparer.Ordinal),
            (await database.RowsAsync("SELECT block_hash, removed, observed_at FROM contract_price")).Order(StringComparer.Ordinal));
    }

    private static async Task StoreInBatchesAsync<T>(TestDatabase database, string topic, IReadOnlyList<T> rows, Random random)
        where T : class
    {
        TopicPartition partition = new(topic, 0);
        await using DatabaseWriter writer = new(database.ConnectionString, "me");
        Dictionary<TopicPartition, Claim> claims = await writer.ClaimAsync([partition], Cancelled);
        for (int start = 0; start < rows.Count;)
        {
            int end = Math.Min(rows.Count, start + random.Next(1, 60));
            await writer.WriteAsync([.. Enumerable.Range(start, end - start).Select(offset => new Entry(partition, offset, rows[offset], null, null))], claims, Cancelled);
            start = end;
        }
    }
}
