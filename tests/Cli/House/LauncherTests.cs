namespace Assay.Cli.Tests.House;

/// <summary>The real launcher in a folder of its own, with a dotnet and an npm that only write down how they were called.</summary>
public sealed class LauncherTests : IDisposable
{
    private const string Dotnet = """
        #!/bin/bash
        case $1 in
          --version) echo 10.0.100 ;;
          --list-sdks) echo "10.0.100 [x]" ;;
          build)
            echo build >>"$CALLS/dotnet"
            sleep "${BUILD_SECONDS:-0}"
            if [ -f broken ]; then echo "$PWD/src/Cli/X.cs(1,2): error CS1002: ; expected [$PWD/src/Cli/Assay.Cli.csproj]"; exit 1; fi
            if [ -f no-librdkafka ] && [ ! -f .tools/librdkafka/librdkafka.so ]; then echo "error NU1101: Unable to find package librdkafka.redist."; exit 1; fi
            mkdir -p src/Cli/bin/Release/net10.0
            printf '#!/bin/bash\necho "ran $*"\nexit 7\n' >src/Cli/bin/Release/net10.0/assay
            chmod +x src/Cli/bin/Release/net10.0/assay
            ;;
        esac
        """;

    private const string Npm = """
        #!/bin/bash
        echo "$*" >>"$CALLS/npm"
        if [ -f "$CALLS/npm-fails" ]; then echo "integrity checksum failed" >&2; exit 1; fi
        mkdir -p node_modules/made
        """;

    private static readonly string[] Tools =
        ["bash", "find", "flock", "mkdir", "rm", "mv", "cp", "cat", "sha256sum", "dirname", "readlink", "id", "grep", "sed", "sort", "head", "tail", "sleep", "chmod", "cut", "paste"];

    private readonly TemporaryFolder _folder = new();

    public LauncherTests()
    {
        Directory.CreateDirectory(Checkout("src/Cli"));
        Directory.CreateDirectory(Checkout("src/Demo"));
        Directory.CreateDirectory(Checkout("schemas"));
        Directory.CreateDirectory(Checkout("deploy"));
        Directory.CreateDirectory(_folder["bin"]);
        File.Copy(Repository.File("assay"), Checkout("assay"));
        foreach (string file in new[] { "global.json", ".editorconfig", "BannedSymbols.txt", "Directory.Build.props", "src/Cli/Assay.Cli.csproj", "src/Cli/X.cs", "src/Demo/package.json", "src/Demo/package-lock.json" })
            File.WriteAllText(Checkout(file), "");
        foreach (string tool in Tools)
            File.CreateSymbolicLink(Path.Combine(_folder["bin"], tool), Foreign.Program(tool, "part of every Linux"));
        Script(Path.Combine(_folder["bin"], "dotnet"), Dotnet);
        Script(Path.Combine(_folder["bin"], "npm"), Npm);
        Script(Path.Combine(_folder["bin"], "node"), "#!/bin/bash\n");
        Script(Checkout("deploy/librdkafka.sh"), "#!/bin/bash\necho built >>\"$CALLS/librdkafka\"; mkdir -p \"$1\"; echo x >\"$1/librdkafka.so\"\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_program_is_built_once_and_gets_its_arguments_and_gives_its_exit_code()
    {
        for (int run = 0; run < 2; run++)
        {
            (int exitCode, string output, string error) = await LaunchAsync("tail", "a topic");
            Assert.True(exitCode == 7, error);
            Assert.Equal("ran tail a topic\n", output);
        }
        Assert.Equal(1, Calls("dotnet"));
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("added")]
    [InlineData("removed")]
    [InlineData("restored with an old time")]
    public async Task A_source_that_changes_is_built_again(string how)
    {
        await LaunchAsync("tail");
        string source = Checkout("src/Cli/X.cs");
        switch (how)
        {
            case "changed":
                await File.AppendAllTextAsync(source, "// more", TestContext.Current.CancellationToken);
                break;
            case "added":
                await File.WriteAllTextAsync(Checkout("src/Cli/Y.cs"), "", TestContext.Current.CancellationToken);
                break;
            case "removed":
                File.Delete(source);
                break;
            default:
                File.SetLastWriteTimeUtc(source, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
                break;
        }
        await LaunchAsync("tail");
        await LaunchAsync("tail");
        Assert.Equal(2, Calls("dotnet"));
    }

    [Fact]
    public async Task Two_launchers_at_the_same_time_build_once()
    {
        var runs = await Task.WhenAll(LaunchAsync(slowly: true, "tail"), LaunchAsync(slowly: true, "tail"));
        Assert.All(runs, run => Assert.Equal(7, run.ExitCode));
        Assert.Equal(1, Calls("dotnet"));
    }

    [Fact]
    public async Task A_build_that_fails_shows_the_errors_alone_and_is_tried_again()
    {
        await File.WriteAllTextAsync(Checkout("broken"), "", TestContext.Current.CancellationToken);
        (int exitCode, string output, string error) = await LaunchAsync("tail");
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("\nsrc/Cli/X.cs(1,2): error CS1002: ; expected\n", error, StringComparison.Ordinal);
        File.Delete(Checkout("broken"));
        Assert.Equal(7, (await LaunchAsync("tail")).ExitCode);
    }

    [Fact]
    public async Task Librdkafka_is_built_from_source_where_its_package_is_missing()
    {
        await File.WriteAllTextAsync(Checkout("no-librdkafka"), "", TestContext.Current.CancellationToken);
        Assert.Equal(7, (await LaunchAsync("tail")).ExitCode);
        Assert.Equal((1, 2), (Calls("librdkafka"), Calls("dotnet")));
    }

    [Fact]
    public async Task Node_packages_are_installed_once_per_lock_for_the_demo_alone()
    {
        await LaunchAsync("tail");
        Assert.Equal(0, Calls("npm"));
        await LaunchAsync("demo");
        await LaunchAsync("demo");
        Assert.Equal(1, Calls("npm"));
        Assert.True(Directory.Exists(Checkout(".tools/demo/node_modules/made")));
        await File.AppendAllTextAsync(Checkout("src/Demo/package-lock.json"), " ", TestContext.Current.CancellationToken);
        await LaunchAsync("demo");
        Assert.Equal(2, Calls("npm"));
        Assert.Empty(Directory.GetDirectories(Checkout(".tools"), "*.unfinished"));
    }

    [Fact]
    public async Task Packages_that_do_not_install_stop_the_start_and_leave_nothing_half_done()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "npm-fails"), "", TestContext.Current.CancellationToken);
        (int exitCode, _, string error) = await LaunchAsync("demo");
        Assert.Equal(1, exitCode);
        Assert.Contains("integrity checksum failed", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Checkout(".tools/demo")));
    }

    [Theory]
    [InlineData("dotnet", "the .NET 10 SDK is missing")]
    [InlineData("npm", "node and npm are missing")]
    public async Task What_is_missing_is_named_with_how_to_get_it(string program, string sentence)
    {
        File.Delete(Path.Combine(_folder["bin"], program));
        (int exitCode, _, string error) = await LaunchAsync("demo");
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
        (int exitCode, _, string error) = await Shell.RunAsync(Repository.File("assay"), arguments);
        Assert.Equal(2, exitCode);
        Assert.StartsWith("assay: ", error, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output, string Error)> LaunchAsync(params string[] arguments) => LaunchAsync(slowly: false, arguments);

    private Task<(int ExitCode, string Output, string Error)> LaunchAsync(bool slowly, params string[] arguments) =>
        Shell.RunAsync(
            Checkout("assay"),
            arguments,
            new Dictionary<string, string?> { ["PATH"] = _folder["bin"], ["CALLS"] = _folder.Path, ["BUILD_SECONDS"] = slowly ? "1" : "0", ["DOTNET_ROOT"] = null },
            folder: "/");

    private int Calls(string program)
    {
        string file = _folder[program];
        return File.Exists(file) ? File.ReadAllLines(file).Length : 0;
    }

    /// <summary>In a folder with a space in its name.</summary>
    private string Checkout(string path) => Path.Combine(_folder["a checkout"], path);

    private static void Script(string path, string text)
    {
        File.WriteAllText(path, text + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
