// ./assay bench broker WHAT: the embedded broker beside Apache Kafka (KAFKA_HOME), same machine, same clients, runs in turns. docs/performance.md says what came of it.

using System.CommandLine;
using Assay.Broker.Bench;

Option<int> runs = Number("--runs", 3, "Runs of either broker, in turns");
Option<int> records = Number("--records", 2_000_000, "Records of 100 bytes in each run");
Option<int> seconds = Number("--seconds", 20, "How long each run lasts");
Option<int> consumers = Number("--consumers", 50, "Consumers that wait, each in a group of its own");
Option<int> megabytes = Number("--megabytes", 5_000, "Size of the log that is recovered");
Option<int> partitions = Number("--partitions", 4, "Its partitions");

Command broker = new("broker", "Measures the embedded broker beside Apache Kafka; prints a line of JSON for each run")
{
    Bench("throughput", "kafka-producer-perf-test (idempotent, acks=all) and kafka-consumer-perf-test, records a second", [runs, records],
        (line, kafka, ct) => Throughput.RunAsync(kafka, line.GetValue(runs), line.GetValue(records), ct)),
    Bench("latency", "From producing to consuming at 1,000 records a second", [runs, seconds],
        (line, kafka, ct) => Latency.RunAsync(kafka, line.GetValue(runs), line.GetValue(seconds), ct)),
    Bench("start", "From the start of the process to the first answer to a metadata request, and what it takes then", [runs],
        (line, kafka, ct) => Starting.RunAsync(kafka, line.GetValue(runs), ct)),
    Bench("idle", "Processor time while consumers wait for records", [runs, seconds, consumers],
        (line, kafka, ct) => Idle.RunAsync(kafka, line.GetValue(runs), line.GetValue(seconds), line.GetValue(consumers), ct)),
    Bench("recovery", "From the start to the first answer after kill -9 with a large log", [megabytes, partitions],
        (line, kafka, ct) => Recovery.RunAsync(kafka, line.GetValue(megabytes), line.GetValue(partitions), ct)),
};

ParseResult parsed = new RootCommand("Assay's benchmarks.") { broker }.Parse(args);
int code = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? 2 : code;

static Command Bench(string name, string description, Option[] options, Func<ParseResult, string, CancellationToken, Task> run)
{
    Command command = new(name, description);
    foreach (Option option in options)
        command.Add(option);
    command.SetAction(async (line, cancellation) =>
    {
        string? home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        if (home is null || !File.Exists(Path.Combine(home, "bin", "kafka-server-start.sh")))
        {
            Console.Error.WriteLine("assay: KAFKA_HOME must name a distribution of Apache Kafka: its tools are the clients, and its broker is what this one is compared with.");
            return 1;
        }
        try
        {
            await run(line, home, cancellation);
            return 0;
        }
        catch (Exception failure) when (failure is InvalidOperationException or TimeoutException or OperationCanceledException)
        {
            Console.Error.WriteLine($"assay: {failure.Message}");
            return 1;
        }
    });
    return command;
}

static Option<int> Number(string name, int usual, string description)
{
    Option<int> option = new(name) { Description = description, DefaultValueFactory = _ => usual, HelpName = "N" };
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() < 1)
            result.AddError($"{name} takes a number from 1 on.");
    });
    return option;
}
