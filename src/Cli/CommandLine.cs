using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Assay.Cli.Commands;
using Assay.Cli.Configuration.Internal;
using Assay.Cli.Internal;

namespace Assay.Cli;

/// <summary>The program's commands and how it ends: 0 done (an interrupt that stopped it cleanly included), 1 failed, 2 used wrongly.</summary>
public static class CommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int UsedWrongly = 2;

    /// <summary>Parses and runs one command line; a failure becomes one sentence on the standard error.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        RootCommand root = Build();
        ParseResult parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            if (args.Length == 0)
                await root.Parse(["--help"]).InvokeAsync();
            else
                Complain(parsed);
            return UsedWrongly;
        }
        // psql is in the foreground and sees to interrupts itself.
        using Interrupts? interrupts = parsed.CommandResult.Command is PsqlCommand ? null : new();
        CancellationToken stop = interrupts?.Token ?? CancellationToken.None;
        try
        {
            InvocationConfiguration configuration = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(configuration, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Done;
        }
        catch (Exception failure)
        {
            await Console.Error.WriteLineAsync(Complaint.Of(failure, parsed.GetValue(CommonOptions.Verbose)));
            return Failed;
        }
    }

    internal static RootCommand Build()
    {
        RootCommand root = new("Tells, in near real time, how accurate on-chain price feeds are.");
        foreach (Option option in CommonOptions.All)
            root.Options.Add(option);
        foreach (Command command in Catalogue.Commands())
            root.Subcommands.Add(command);
        return root;
    }

    private static void Complain(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string path = command is RootCommand ? "assay" : string.Join(' ', Path(parsed.CommandResult));
        // The first complaint is the cause; those after it follow from it.
        string sentence = parsed.UnmatchedTokens is [{ } word, ..] && command.Subcommands.Count > 0 && !word.StartsWith('-')
            ? $"'{word}' is no command of {path}{Suggestion.For(word, command.Subcommands.Select(known => known.Name))}"
            : parsed.Errors[0].Message;
        Console.Error.WriteLine($"assay: {sentence} See {path} --help.");
    }

    private static IEnumerable<string> Path(CommandResult result) =>
        result.Parent is CommandResult parent and not { Command: RootCommand } ? Path(parent).Append(result.Command.Name) : ["assay", result.Command.Name];
}
