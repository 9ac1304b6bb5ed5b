namespace Assay.Cli.Tests.House;

/// <summary>The real launcher in a folder of its own, with a dotnet and an npm that only write down how they were called.</summary>
internal sealed class LauncherCheckout : IDisposable
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
          *.Tests.dll)
            project=${1##*/}
            [ -z "${ASSAY_CHAOS_FAULTS-}" ] || echo "$ASSAY_CHAOS_FAULTS faults, seed ${ASSAY_CHAOS_SEED-}"
            cat "$CALLS/${project%.dll}"
            exit "$(cat "$CALLS/${project%.dll}.status")"
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
        ["bash", "find", "flock", "mkdir", "rm", "mv", "cp", "cat", "sha256sum", "dirname", "readlink", "id", "grep", "sed", "sort", "head", "tail", "sleep", "chmod", "cut", "paste", "timeout", "mktemp", "tee"];

    private readonly TemporaryFolder _folder = new();

    public LauncherCheckout()
    {
        foreach (string folder in new[] { "src/Cli", "src/Demo", "schemas", "deploy", "tests" })
            Directory.CreateDirectory(this[folder]);
        Directory.CreateDirectory(_folder["bin"]);
        File.Copy(Repository.File("assay"), this["assay"]);
        File.Copy(Repository.File("tests", "run.sh"), this["tests/run.sh"]);
        string[] files =
        [
            "global.json", ".editorconfig", "BannedSymbols.txt", "Directory.Build.props", "src/Cli/Assay.Cli.csproj", "src/Cli/X.cs",
            "src/Demo/package.json", "src/Demo/package-lock.json", "tests/package.json", "tests/package-lock.json", "tests/debian-packages",
        ];
        foreach (string file in files)
            File.WriteAllText(this[file], "");
        foreach (string tool in Tools)
            File.CreateSymbolicLink(Tool(tool), Foreign.Program(tool, "part of every Linux"));
        Script(Tool("dotnet"), Dotnet);
        Script(Tool("npm"), Npm);
        Script(Tool("node"), "#!/bin/bash\n");
        Script(this["deploy/librdkafka.sh"], "#!/bin/bash\necho built >>\"$CALLS/librdkafka\"; mkdir -p \"$1\"; echo x >\"$1/librdkafka.so\"\n");
    }

    /// <summary>A path of the checkout, which has a space in its name.</summary>
    public string this[string path] => Path.Combine(_folder["a checkout"], path);

    /// <summary>Where the programs lie that the launcher finds.</summary>
    public string Tool(string name) => Path.Combine(_folder["bin"], name);

    /// <summary>Where those programs write and read.</summary>
    public string Note(string name) => _folder[name];

    /// <summary>How often a program was called.</summary>
    public int Calls(string program) => File.Exists(Note(program)) ? File.ReadAllLines(Note(program)).Length : 0;

    public Task<(int ExitCode, string Output, string Error)> LaunchAsync(params string[] arguments) => LaunchAsync(slowly: false, arguments);

    public Task<(int ExitCode, string Output, string Error)> LaunchAsync(bool slowly, params string[] arguments) => Programs.RunAsync(
        this["assay"],
        arguments,
        new Dictionary<string, string?> { ["PATH"] = _folder["bin"], ["CALLS"] = _folder.Path, ["BUILD_SECONDS"] = slowly ? "1" : "0", ["DOTNET_ROOT"] = null, ["CI"] = null },
        folder: "/");

    public void Dispose() => _folder.Dispose();

    private static void Script(string path, string text)
    {
        File.WriteAllText(path, text + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
