using Assay.Cli.Configuration;
using Assay.Schemas;
using Assay.Topology;
using Microsoft.Extensions.Logging;
using Npgsql;
using Spectre.Console;

namespace Assay.Cli.Demo;

/// <summary>Runs the whole of Assay on this machine, shows it at work, and stops all of it.</summary>
/// <param name="runRoles">The same roles as <c>assay run</c>, until cancelled.</param>
internal sealed class DemoRun(DemoOptions options, Func<AssayConfiguration, ILoggerFactory, CancellationToken, Task> runRoles, TextWriter output, TimeProvider time)
{
    private static readonly TimeSpan RedrawEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private readonly FeedBoard _board = new();
    private readonly TaskCompletionSource _firstRecord = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _live;

    /// <summary>Returns when the demo has been stopped, be it by <see cref="DemoOptions.For"/> or by cancellation.</summary>
    /// <exception cref="UserException">A part does not start, or failed for good.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        RemoveEndpoints();
        using DemoFolder folder = DemoFolder.Open(options.DataFolder, options.Fresh);
        output.WriteLine($"Assay demo, keeping its data in {folder.Path}");
        string logFile = folder["demo.log"];
        using FileLoggerProvider file = new(logFile, time);
        using LoggerFactory loggers = new([file]);

        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (options.For is { } duration)
            end.CancelAfter(duration);
        try
        {
            await using DemoHost host = await DemoHost.StartAsync(folder.Path, options.Format, new Steps(output), loggers, time, end.Token);
            string configuration = folder[ConfigurationLoader.FileName];
            // For commands beside the demo: they are not the instance that it is.
            ConfigurationWriter.Write(host.Configuration with { Kafka = host.Configuration.Kafka with { Instance = null } }, configuration);
            // The follower asks for partitions, which must be there.
            await TopicAdmin.EnsureAsync(host.Configuration.Kafka, host.Configuration.Topics, loggers.CreateLogger("topics"), time, end.Token);

            using CancellationTokenSource stopRoles = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
            Task[] running =
            [
                runRoles(host.Configuration, loggers, stopRoles.Token),
                host.Oracle.RunAsync(stopRoles.Token),
                new AccuracyFollower(host.Configuration.Kafka, Seen, time).RunAsync(host.Configuration.Topics.Partitions, stopRoles.Token),
            ];
            try
            {
                Task shown = ShowAsync(host, configuration, logFile, started, end.Token);
                // A role that ends by itself has failed: its exception is the demo's.
                await await Task.WhenAny([shown, .. running]);
            }
            finally
            {
                await stopRoles.CancelAsync();
                await Task.WhenAll(running).WaitAsync(StopBound, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Asked to stop, by whoever started it or by --for.
        }
        output.WriteLine("stopped");
    }

    /// <summary>Whoever waits for the file must not find an earlier demo's addresses in it.</summary>
    private void RemoveEndpoints()
    {
        if (options.EndpointsFile is not { } path)
            return;
        try
        {
            File.Delete(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"--endpoints {path} cannot be written: {failure.Message.TrimEnd('.')}.", failure);
        }
    }

    private void Seen(Accuracy record)
    {
        _board.Update(record);
        _firstRecord.TrySetResult();
        if (_live && !AnsiConsole.Profile.Capabilities.Interactive)
            output.WriteLine("  " + FeedBoard.ToLine(record));
    }

    private async Task ShowAsync(DemoHost host, string configuration, string logFile, long started, CancellationToken cancellationToken)
    {
        await _firstRecord.Task.WaitAsync(cancellationToken);
        await RowReadableAsync(host.Configuration.Database, cancellationToken);
        if (options.EndpointsFile is { } path)
            host.Endpoints.Write(path);
        output.WriteLine($"  ✓ first accuracy record after {time.GetElapsedTime(started).TotalSeconds:0.0} s");
        output.WriteLine(LookIn(host, configuration, logFile));
        _live = true;
        if (!AnsiConsole.Profile.Capabilities.Interactive)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return;
        }
        await AnsiConsole.Live(_board.ToTable()).StartAsync(async live =>
        {
            while (true)
            {
                live.UpdateTarget(_board.ToTable());
                live.Refresh();
                await Task.Delay(RedrawEvery, time, cancellationToken);
            }
        });
    }

    private static string LookIn(DemoHost host, string configuration, string logFile)
    {
        DatabaseConnection database = host.Configuration.Database;
        // Avro is read by those who know the registry.
        string consumers = host.Configuration.Accuracy.Format == AccuracyFormat.Avro
            ? $"kcat -C -q -b {host.Endpoints.Kafka} -t {Topics.Accuracy} -s value=avro -r {Endpoints.Plain(host.Endpoints.Registry)}"
            : $"""
               kcat -C -q -b {host.Endpoints.Kafka} -t {Topics.Accuracy}
                 kafka-console-consumer.sh --bootstrap-server {host.Endpoints.Kafka} --topic {Topics.Accuracy} --from-beginning
               """;
        return $"""

            Look in from another terminal:
              {consumers}
              PGPASSFILE={host.PasswordFile} psql -h {database.Host} -p {database.Port} -U {database.User} {database.Name} -c 'SELECT at, feed, contract_price, average, deviation_pct, status FROM accuracy ORDER BY at DESC LIMIT 10'
              ./assay tail {Topics.Accuracy} --config {configuration}
            Everything that happens is logged in {logFile}
            """;
    }

    /// <summary>Waits until the sink has written an accuracy record.</summary>
    private async Task RowReadableAsync(DatabaseConnection database, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await using NpgsqlConnection connection = new(database.ConnectionString());
                await connection.OpenAsync(cancellationToken);
                await using NpgsqlCommand query = new("SELECT EXISTS (SELECT FROM accuracy)", connection);
                if (await query.ExecuteScalarAsync(cancellationToken) is true)
                    return;
            }
            catch (NpgsqlException)
            {
                // The table comes with the sink's first migration.
            }
            await Task.Delay(LookEvery, time, cancellationToken);
        }
    }
}
