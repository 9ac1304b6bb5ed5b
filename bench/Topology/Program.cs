// ./assay bench topology: the accuracy topology over two filled topics; ./assay bench rules: its rules alone. docs/performance.md says what came of them.

using System.CommandLine;
using Assay.Avro;
using Assay.Schemas;
using Assay.Streams;
using Assay.Topology.Bench;
using Confluent.Kafka;

Option<string> bootstrap = new("--bootstrap") { Description = "Kafka, as HOST:PORT", Required = true };
Option<int> quotes = Number("--quotes", 5_000_000, 1, "Quotes to fill in");
Option<int> answers = Number("--answers", 50_000, 0, "Answers to fill in, at most as many as quotes");
Option<int> pairs = Number("--pairs", 50, 1, "Pairs that are quoted");
Option<string> apis = new("--apis") { Description = "The topic of quotes", DefaultValueFactory = _ => Topics.Apis };
Option<string> contracts = new("--contracts") { Description = "The topic of answers", DefaultValueFactory = _ => Topics.Contracts };
Option<int> threads = Number("--threads", 2, 1, "Stream threads");
Option<bool> filled = new("--filled")
{
    Description = $"Take what is in the topics: quotes under schema id {FixedRegistry.QuoteId}, answers under {FixedRegistry.AnswerId}; no registry is asked",
};
Option<bool> loop = new("--loop") { Description = "Measure a bare loop of the client over the same topics instead of the topology" };

Command topology = new("topology", "Fills two topics, runs the accuracy topology over them and prints one line of JSON")
{
    bootstrap, quotes, answers, pairs, apis, contracts, threads, filled, loop,
};
topology.SetAction(async (parsed, cancellation) =>
{
    Workload workload = new(
        parsed.GetRequiredValue(bootstrap), parsed.GetRequiredValue(apis), parsed.GetRequiredValue(contracts),
        parsed.GetValue(quotes), parsed.GetValue(answers), parsed.GetValue(pairs), parsed.GetValue(threads));
    try
    {
        using InputTopics topics = new(workload);
        if (!parsed.GetValue(filled))
        {
            await topics.CreateInputs();
            using Filling filling = new(workload);
            filling.Run(cancellation);
        }
        Console.WriteLine(await new Run(workload, topics).Measure(parsed.GetValue(loop), cancellation));
        return 0;
    }
    catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
    {
        return 1;
    }
    catch (KafkaException failure)
    {
        return Complain($"Kafka at {workload.Bootstrap}: {failure.Error.Reason}.");
    }
    catch (Exception failure) when (failure is UserException or StreamsException or AvroException)
    {
        return Complain(failure.Message);
    }
});

Option<int> step = Number("--step", 20, 1, "Milliseconds of event time from a quote to the next");
Command rules = new("rules", "Runs the accuracy rules alone, without Kafka, and prints one line of JSON") { quotes, pairs, step };
rules.SetAction(parsed => Console.WriteLine(Rules.Measure(parsed.GetValue(quotes), parsed.GetValue(pairs), parsed.GetValue(step))));

System.CommandLine.ParseResult line = new RootCommand("Assay's benchmarks.") { topology, rules }.Parse(args);
int code = await line.InvokeAsync();
return line.Errors.Count > 0 ? 2 : code;

static int Complain(string sentence)
{
    Console.Error.WriteLine($"assay bench: {sentence}");
    return 1;
}

static Option<int> Number(string name, int fallback, int least, string description)
{
    Option<int> option = new(name) { Description = description, DefaultValueFactory = _ => fallback };
    option.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out int value) && value < least)
            result.AddError($"{name} must be at least {least}.");
    });
    return option;
}
