// ./assay bench sink: rows of api_price by the sink's own way, against psql's \copy of the same rows; docs/performance.md says what came of it.

using System.CommandLine;
using Assay.Schemas;
using Assay.Sink.Bench;
using Npgsql;

Option<string> database = new("--database") { Description = "A server on which the user may create databases, as postgresql://USER:PASSWORD@HOST:PORT/NAME", Required = true };
Option<int> rows = Number("--rows", 1_000_000, "Rows of each run");
Option<int> runs = Number("--runs", 3, "Runs of either, in turns");
Option<int> batch = Number("--batch", 20_000, "Rows of the sink in one transaction");

Command sink = new("sink", "Stores quotes in a database of its own, which it drops again, and prints one line of JSON") { database, rows, runs, batch };
sink.SetAction(async (parsed, cancellation) =>
{
    try
    {
        await using Scratch scratch = await Scratch.CreateAsync(parsed.GetRequiredValue(database), cancellation);
        Console.WriteLine(await new Comparison(scratch, parsed.GetValue(rows), parsed.GetValue(runs), parsed.GetValue(batch)).RunAsync(cancellation));
        return 0;
    }
    catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
    {
        return 1;
    }
    catch (Exception failure) when (failure is UserException or NpgsqlException)
    {
        Console.Error.WriteLine($"assay: {failure.Message}");
        return 1;
    }
});

System.CommandLine.ParseResult line = new RootCommand("Assay's benchmarks.") { sink }.Parse(args);
int code = await line.InvokeAsync();
return line.Errors.Count > 0 ? 2 : code;

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
