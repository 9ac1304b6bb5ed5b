using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Assay.Integration.Tests;

/// <summary><c>assay demo</c> as a user starts it: the program, in a process of its own.</summary>
internal sealed class DemoProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(10);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly string _endpoints;

    private DemoProcess(Process process, string endpoints)
    {
        _process = process;
        _endpoints = endpoints;
        process.OutputDataReceived += Collect;
        process.ErrorDataReceived += Collect;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Kafka { get; private set; } = "";
    public Uri Chain { get; private set; } = null!;
    public Uri Registry { get; private set; } = null!;
    public Uri Market { get; private set; } = null!;
    /// <summary>For Npgsql.</summary>
    public string Database { get; private set; } = "";

    public int Id => _process.Id;

    /// <summary>What it has printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Returns once the first accuracy record can be read.</summary>
    public static async Task<DemoProcess> StartAsync(string folder, CancellationToken cancellationToken, params string[] options)
    {
        string endpoints = folder + ".endpoints.json";
        File.Delete(endpoints);
        DemoProcess demo = new(Start(["demo", "--data", folder, "--endpoints", endpoints, .. options]), endpoints);
        try
        {
            await Eventually.True(() => File.Exists(endpoints) || demo._process.HasExited, "the demo wrote its endpoints", StartBound);
            Assert.True(File.Exists(endpoints), $"The demo ended instead:{Environment.NewLine}{demo.Output}");
            await demo.ReadEndpointsAsync(cancellationToken);
            return demo;
        }
        catch (Exception failure)
        {
            await demo.DisposeAsync();
            throw new InvalidOperationException($"The demo printed:{Environment.NewLine}{demo.Output}{Environment.NewLine}{Tail(Path.Combine(folder, "demo.log"))}", failure);
        }
    }

    /// <summary>Starts the program with any command.</summary>
    public static Process Start(IEnumerable<string> arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "assay.dll");
        return Process.Start(new ProcessStartInfo("dotnet", ["exec", program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    /// <summary>Kills the demo's process as a crash would: nothing gets to run in it.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        // The shell's own: not every machine has the program.
        using Process signal = Process.Start("/bin/sh", ["-c", $"kill -TERM {Id.ToString(CultureInfo.InvariantCulture)}"]);
        await signal.WaitForExitAsync();
        return await ExitAsync(StopBound);
    }

    public async Task<int> ExitAsync(TimeSpan within)
    {
        await _process.WaitForExitAsync().WaitAsync(within);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private async Task ReadEndpointsAsync(CancellationToken cancellationToken)
    {
        using JsonDocument json = JsonDocument.Parse(await File.ReadAllBytesAsync(_endpoints, cancellationToken));
        string Text(string name) => json.RootElement.GetProperty(name).GetString()!;
        (Kafka, Registry, Chain, Market) = (Text("kafka"), new Uri(Text("registry")), new Uri(Text("chain")), new Uri(Text("market")));
        Uri database = new(Text("database"));
        string[] user = database.UserInfo.Split(':');
        Database = $"Host={database.Host};Port={database.Port};Database={database.AbsolutePath[1..]};Username={user[0]};Password={Uri.UnescapeDataString(user[1])};Pooling=false";
    }

    private void Collect(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
            _output.AppendLine(line.Data);
    }

    private static string Tail(string file) => File.Exists(file) ? string.Join(Environment.NewLine, File.ReadLines(file).TakeLast(40)) : "";
}
