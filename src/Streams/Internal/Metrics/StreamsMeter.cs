using System.Diagnostics.Metrics;

namespace Assay.Streams.Internal.Metrics;

/// <summary>Shows what the threads count as instruments of the meter <c>Assay.Streams</c>, with the names and tags that Kafka Streams gives them.</summary>
/// <remarks>All of them are asked for when a listener wants them; nobody listening, nothing is done.</remarks>
internal sealed class StreamsMeter : IDisposable
{
    private readonly Meter _meter;
    private readonly Func<IEnumerable<ThreadMetrics>> _threads;

    /// <param name="applicationId">The tag <c>application-id</c> of the meter.</param>
    /// <param name="clientId">The tag <c>client-id</c> of the meter.</param>
    /// <param name="threads">Those that live.</param>
    /// <param name="state">The application's.</param>
    public StreamsMeter(string applicationId, string clientId, Func<IEnumerable<ThreadMetrics>> threads, Func<StreamsState> state)
    {
        _meter = new Meter(new MeterOptions("Assay.Streams") { Tags = [new("application-id", applicationId), new("client-id", clientId)] });
        _threads = threads;
        _meter.CreateObservableGauge("state", () => (int)state(), null, "The ordinal of StreamsState: 2 is RUNNING.");
        _meter.CreateObservableGauge("alive-stream-threads", () => threads().Count(), null, "Threads that run or take part in a rebalance.");
        Threads("process", static thread => thread.Process, "Records processed");
        Threads("poll", static thread => thread.Poll, "Polls");
        Threads("commit", static thread => thread.Commit, "Commits");
        Threads("punctuate", static thread => thread.Punctuate, "Punctuations");
        OfThreads("poll-records-avg", static thread => thread.PolledRecords.Average, "Records that a poll brought.");
        OfThreads("poll-records-max", static thread => thread.PolledRecords.Max, "Most records that a poll brought.");
        OfThreads("task-created-total", static thread => thread.TasksCreated.Total, "Tasks that came.");
        OfThreads("task-closed-total", static thread => thread.TasksClosed.Total, "Tasks that went.");
        Tasks();
        Sinks();
    }

    public void Dispose() => _meter.Dispose();

    private void Threads(string name, Func<ThreadMetrics, Sensor> sensor, string what)
    {
        _meter.CreateObservableCounter($"{name}-total", () => _threads().Select(thread => new Measurement<long>(sensor(thread).Total, thread.Tags)), null, $"{what}.");
        OfThreads($"{name}-rate", thread => sensor(thread).Rate, $"{what} a second.");
        OfThreads($"{name}-latency-avg", thread => sensor(thread).Average, $"{what}: milliseconds of one.");
        OfThreads($"{name}-latency-max", thread => sensor(thread).Max, $"{what}: most milliseconds of one.");
        OfThreads($"{name}-ratio", thread => sensor(thread).SumRate / 1000, $"{what}: share of the thread's time.");
    }

    private void OfThreads(string name, Func<ThreadMetrics, double> value, string description) =>
        _meter.CreateObservableGauge(name, () => _threads().Select(thread => new Measurement<double>(value(thread), thread.Tags)), null, description);

    private void Tasks()
    {
        // Kafka Streams has process-total of threads and of tasks under one name; here the tags tell them apart, and the task's is called task-process-total.
        OfTasks("task-process-total", static task => task.Process.Total, "Records processed.");
        OfTasks("task-process-rate", static task => task.Process.Rate, "Records processed a second.");
        OfTasks("task-process-latency-avg", static task => task.Process.Average, "Milliseconds of a record.");
        OfTasks("active-process-ratio", static task => task.Process.SumRate / 1000, "Share of its thread's time.");
        OfTasks("active-buffer-count", static task => task.Buffered, "Records that wait in the task's queues.");
        OfTasks("record-lateness-avg", static task => task.Lateness.Average, "Milliseconds behind stream time.");
        OfTasks("record-lateness-max", static task => task.Lateness.Max, "Most milliseconds behind stream time.");
        OfTasks("dropped-records-total", static task => task.Dropped.Total, "Records left out: late, without key, unreadable.");
        OfTasks("dropped-records-rate", static task => task.Dropped.Rate, "Records left out a second.");
        OfTasks("restore-total", static task => task.Restored.Total, "Records restored from changelogs.");
        OfTasks("restore-remaining-records-total", static task => task.RestoreRemaining, "Offsets of changelogs that are still to be read.");
        OfTasks("restore-rate", static task => task.Restored.Rate, "Records restored from changelogs a second.");
    }

    private void OfTasks(string name, Func<TaskMetrics, double> value, string description) => _meter.CreateObservableGauge(
        name, () => _threads().SelectMany(thread => thread.Tasks).Select(task => new Measurement<double>(value(task), task.Tags)), null, description);

    private void Sinks()
    {
        OfSinks("record-e2e-latency-avg", static sink => sink.EndToEnd.Average, "Milliseconds from a record's time to its sending.");
        OfSinks("record-e2e-latency-min", static sink => sink.EndToEnd.Min, "Fewest milliseconds from a record's time to its sending.");
        OfSinks("record-e2e-latency-max", static sink => sink.EndToEnd.Max, "Most milliseconds from a record's time to its sending.");
    }

    private void OfSinks(string name, Func<SinkMetrics, double> value, string description) => _meter.CreateObservableGauge(
        name,
        () => _threads().SelectMany(thread => thread.Tasks).SelectMany(task => task.Sinks).Select(sink => new Measurement<double>(value(sink), sink.Tags)),
        null,
        description);
}
