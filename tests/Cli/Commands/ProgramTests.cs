namespace Assay.Cli.Tests.Commands;

/// <summary>Exit codes and sentences: 0 done, 1 failed, 2 used wrongly, and never a trace.</summary>
public sealed class ProgramTests
{
    [Theory]
    [InlineData("assay: 'tial' is no command of assay; did you mean 'tail'? See assay --help.", "tial")]
    [InlineData("See assay tail --help.", "tail")]
    [InlineData("See assay tail --help.", "tail", "accuracy", "--nonsense")]
    [InlineData("--count takes a number from 1 on.", "tail", "accuracy", "--count", "0")]
    [InlineData("--set takes KEY=VALUE, not 'x'.", "sink", "--set", "x")]
    [InlineData("with --data DIR or --in-memory", "broker")]
    [InlineData("takes a port from 0 to 65535", "broker", "--in-memory", "--port", "70000")]
    [InlineData("'x' is no command of assay ingest; there are apis, contracts. See assay ingest --help.", "ingest", "x")]
    public async Task Wrong_use_is_one_sentence_and_exit_code_2(string sentence, params string[] arguments)
    {
        (int exitCode, IReadOnlyCollection<string> output, string error) = await AssayProcess.RunAsync(arguments);
        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public async Task Help_lists_every_command_of_the_catalogue()
    {
        (int exitCode, IReadOnlyCollection<string> output, _) = await AssayProcess.RunAsync(["--help"]);
        Assert.Equal(0, exitCode);
        Assert.All(CommandLine.Build().Subcommands, command => Assert.Contains(output, line => line.StartsWith($"  {command.Name}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_mistake_in_the_configuration_is_named_with_file_and_line()
    {
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder["my.json"], "{\n  \"kafka\": { \"bootstap\": \"x:1\" }\n}", TestContext.Current.CancellationToken);
        (int exitCode, _, string error) = await AssayProcess.RunAsync(["sink", "--config", folder["my.json"]]);
        Assert.Equal((1, $"assay: {folder["my.json"]}:2: 'bootstap' is no key of kafka; did you mean 'bootstrap'?"), (exitCode, error));
    }

    [Fact]
    public async Task A_configuration_that_is_not_there_is_named()
    {
        (int exitCode, _, string error) = await AssayProcess.RunAsync(["check", "--config", "nowhere.json"]);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("assay: The configuration nowhere.json cannot be read", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_without_kafka_waits_and_stops_when_it_is_asked()
    {
        string nowhere = $"127.0.0.1:{FreePort.Next()}";
        await using AssayProcess role = AssayProcess.Start(["run", "--set", $"kafka.bootstrap={nowhere}"]);
        await role.LineAsync(nowhere);
        role.AskToStop();
        Assert.Equal(0, await role.ExitAsync(TimeSpan.FromSeconds(15)));
        Assert.DoesNotContain("   at ", role.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Psql_gets_the_password_by_its_environment_and_gives_its_exit_code()
    {
        using TemporaryFolder folder = new();
        string psql = folder["psql"];
        await File.WriteAllTextAsync(psql, "#!/bin/sh\necho \"args $*\"\necho \"$PGUSER:$PGPASSWORD@$PGHOST:$PGPORT/$PGDATABASE\"\nexit 3\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(psql, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        (int exitCode, IReadOnlyCollection<string> output, _) = await AssayProcess.RunAsync(
            ["psql", "-At", "-c", "SELECT 1", "--set", "database.port=15432"],
            new Dictionary<string, string?> { ["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}", ["DB_USER"] = "u", ["DB_PASSWORD"] = "s3cret", ["DB_NAME"] = "d" });
        Assert.Equal(3, exitCode);
        Assert.Equal(["args -At -c SELECT 1", "u:s3cret@localhost:15432/d"], output);
    }

    [Fact]
    public async Task Describe_prints_the_topology_as_kafka_streams_does_and_as_a_chart()
    {
        (int exitCode, IReadOnlyCollection<string> output, _) = await AssayProcess.RunAsync(["describe"]);
        Assert.Equal(0, exitCode);
        Assert.Equal("Topologies:", output.First());
        Assert.Contains(output, line => line.Trim() == "Sink: accuracy-sink (topic: accuracy)");
        (_, output, _) = await AssayProcess.RunAsync(["describe", "--mermaid"]);
        Assert.Equal("flowchart LR", output.First());
        Assert.Contains("  accuracy_sink --> topic_accuracy([accuracy])", output);
        Assert.Contains("  topic_contracts([contracts]) --> contracts_source", output);
    }
}
