namespace Assay.Cli.Tests.House;

public sealed class LauncherTests : IDisposable
{
    private readonly LauncherCheckout _checkout = new();

    public void Dispose() => _checkout.Dispose();

    [Fact]
    public async Task The_program_is_built_once_and_gets_its_arguments_and_gives_its_exit_code()
    {
        for (int run = 0; run < 2; run++)
        {
            (int exitCode, string output, string error) = await _checkout.LaunchAsync("tail", "a topic");
            Assert.True(exitCode == 7, error);
            Assert.Equal("ran tail a topic\n", output);
        }
        Assert.Equal(1, _checkout.Calls("dotnet"));
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("added")]
    [InlineData("removed")]
    [InlineData("restored with an old time")]
    public async Task A_source_that_changes_is_built_again(string how)
    {
        await _checkout.LaunchAsync("tail");
        string source = _checkout["src/Cli/X.cs"];
        switch (how)
        {
            case "changed":
                await File.AppendAllTextAsync(source, "// more", TestContext.Current.CancellationToken);
                break;
            case "added":
                await File.WriteAllTextAsync(_checkout["src/Cli/Y.cs"], "", TestContext.Current.CancellationToken);
                break;
            case "removed":
                File.Delete(source);
                break;
            default:
                File.SetLastWriteTimeUtc(source, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
                break;
        }
        await _checkout.LaunchAsync("tail");
        await _checkout.LaunchAsync("tail");
        Assert.Equal(2, _checkout.Calls("dotnet"));
    }

    [Fact]
    public async Task Two_launchers_at_the_same_time_build_once()
    {
        var runs = await Task.WhenAll(_checkout.LaunchAsync(slowly: true, "tail"), _checkout.LaunchAsync(slowly: true, "tail"));
        Assert.All(runs, run => Assert.Equal(7, run.ExitCode));
        Assert.Equal(1, _checkout.Calls("dotnet"));
    }

    [Fact]
    public async Task A_build_that_fails_shows_the_errors_alone_and_is_tried_again()
    {
        await File.WriteAllTextAsync(_checkout["broken"], "", TestContext.Current.CancellationToken);
        (int exitCode, string output, string error) = await _checkout.LaunchAsync("tail");
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("\nsrc/Cli/X.cs(1,2): error CS1002: ; expected\n", error, StringComparison.Ordinal);
        File.Delete(_checkout["broken"]);
        Assert.Equal(7, (await _checkout.LaunchAsync("tail")).ExitCode);
    }

    [Fact]
    public async Task Librdkafka_is_built_from_source_where_its_package_is_missing()
    {
        await File.WriteAllTextAsync(_checkout["no-librdkafka"], "", TestContext.Current.CancellationToken);
        Assert.Equal(7, (await _checkout.LaunchAsync("tail")).ExitCode);
        Assert.Equal((1, 2), (_checkout.Calls("librdkafka"), _checkout.Calls("dotnet")));
    }

    [Fact]
    public async Task Node_packages_are_installed_once_per_lock_for_the_demo_alone()
    {
        await _checkout.LaunchAsync("tail");
        Assert.Equal(0, _checkout.Calls("npm"));
        await _checkout.LaunchAsync("demo");
        await _checkout.LaunchAsync("demo");
        Assert.Equal(1, _checkout.Calls("npm"));
        Assert.True(Directory.Exists(_checkout[".tools/demo/node_modules/made"]));
        await File.AppendAllTextAsync(_checkout["src/Demo/package-lock.json"], " ", TestContext.Current.CancellationToken);
        await _checkout.LaunchAsync("demo");
        Assert.Equal(2, _checkout.Calls("npm"));
        Assert.Empty(Directory.GetDirectories(_checkout[".tools"], "*.unfinished"));
    }

    [Fact]
    public async Task Packages_that_do_not_install_stop_the_start_and_leave_nothing_half_done()
    {
        await File.WriteAllTextAsync(_checkout.Note("npm-fails"), "", TestContext.Current.CancellationToken);
        (int exitCode, _, string error) = await _checkout.LaunchAsync("demo");
        Assert.Equal(1, exitCode);
        Assert.Contains("integrity checksum failed", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_checkout[".tools/demo"]));
    }

    [Theory]
    [InlineData("dotnet", "the .NET 10 SDK is missing")]
    [InlineData("npm", "node and npm are missing")]
    public async Task What_is_missing_is_named_with_how_to_get_it(string program, string sentence)
    {
        File.Delete(_checkout.Tool(program));
        (int exitCode, _, string error) = await _checkout.LaunchAsync("demo");
        Assert.Equal(1, exitCode);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.Contains("install", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("test", "nonsense")]
    [InlineData("test", "--only", "Nonsense")]
    [InlineData("test", "--only")]
    public async Task Wrong_use_of_the_test_run_exits_with_2_at_once(params string[] arguments)
    {
        (int exitCode, _, string error) = await Programs.RunAsync(Repository.File("assay"), arguments);
        Assert.Equal(2, exitCode);
        Assert.StartsWith("assay: ", error, StringComparison.Ordinal);
    }
}
