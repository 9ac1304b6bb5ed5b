using Assay.Avro.Registry;
using Assay.Schemas;
using Assay.Sink.Internal;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Assay.Sink;

/// <summary>The sink: from the topics <c>contracts</c>, <c>apis</c>, <c>accuracy</c> and <c>dead-letters</c> into the tables, exactly once.</summary>
/// <remarks>
/// <para>Rows and consumed offsets commit in one database transaction, and where to go on is read from the database; Kafka's group only shares the
/// partitions among instances. See <see cref="DatabaseWriter"/> for how an instance that lost its partitions is kept from writing.</para>
/// <para>A database, broker or registry that does not work is waited for, said once, with nothing lost. A record that can't be decoded or that the
/// database refuses goes alone to the dead letters.</para>
/// </remarks>
public sealed class Sink(SinkOptions options, KafkaConnection kafka, ILoggerFactory loggers, TimeProvider time)
{
    private readonly ILogger logger = loggers.CreateLogger<Sink>();

    /// <summary>Brings the schema up to date, then stores until cancelled.</summary>
    /// <exception cref="UserException">The database refuses the login, does not exist, or has a newer program's schema.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Outage outage = new(logger, options.ToString(), time);
        await MigrateAsync(outage, cancellationToken);
        // One attempt a time: the session repeats it, polling meanwhile.
        using SchemaRegistryClient registry = kafka.RegistryClient(time, attempts: 1);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                // Kafka's client blocks; a thread of its own keeps the pool free for those who don't.
                await Task.Factory.StartNew(
                    () => RunSession(registry, outage, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
            catch (FencedException fenced)
            {
                Log.Fenced(logger, fenced.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(100, 500)), time, cancellationToken);
            }
        }
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void RunSession(SchemaRegistryClient registry, Outage outage, CancellationToken cancellationToken)
    {
        using Session session = new(options, kafka, registry, outage, logger, time);
        session.Run(cancellationToken);
    }

    private async Task MigrateAsync(Outage outage, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await Migrations.ApplyAsync(options, int.MaxValue, logger, cancellationToken);
                outage.Over();
                return;
            }
            catch (PostgresException refusal) when (refusal.SqlState is ['2', '8', ..] or "3D000")
            {
                throw new UserException(
                    $"The {options} refuses this program: {refusal.MessageText}; check the database's name, user and password (DB_NAME, DB_USER, DB_PASSWORD).", refusal);
            }
            catch (Exception failure) when (Outage.Passes(failure))
            {
                await Task.Delay(outage.Failed(failure), time, cancellationToken);
            }
        }
    }
}
