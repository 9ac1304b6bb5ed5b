using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Assay.Schemas;
using Microsoft.Extensions.Logging;

#pragma warning disable CA1416 // File modes are Unix's; so is the shell that starts the server.

namespace Assay.Demo.Database.Internal;

/// <summary>A data folder: the PostgreSQL cluster in <c>cluster/</c>, its superuser's <c>password</c>, the <c>server.log</c>, and a <c>lock</c> that one process holds.</summary>
internal sealed class Cluster : IDisposable
{
    public const string User = "assay";
    private static readonly TimeSpan LeftoverBound = TimeSpan.FromSeconds(10);

    private readonly FileStream heldLock;

    private Cluster(string folder, FileStream heldLock)
    {
        Folder = folder;
        this.heldLock = heldLock;
    }

    /// <summary>The data folder, absolute.</summary>
    public string Folder { get; }

    /// <summary>What PostgreSQL calls its data directory.</summary>
    public string Data => Path.Combine(Folder, "cluster");

    public string LogFile => Path.Combine(Folder, "server.log");

    private string PasswordFile => Path.Combine(Folder, "password");

    /// <summary>The major version that made the cluster; null where there is none yet.</summary>
    public int? Major =>
        File.Exists(Path.Combine(Data, "PG_VERSION")) ? int.Parse(File.ReadAllText(Path.Combine(Data, "PG_VERSION")), CultureInfo.InvariantCulture) : null;

    /// <summary>Takes hold of the folder.</summary>
    /// <exception cref="UserException">Another process holds it.</exception>
    public static Cluster Open(string folder)
    {
        folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(folder);
        try
        {
            return new Cluster(folder, new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException failure)
        {
            throw new UserException($"The database folder {folder} is in use by another process; stop it, or choose another with --data.", failure);
        }
    }

    public void Dispose() => heldLock.Dispose();

    /// <summary>The superuser's password, made on the first start.</summary>
    public string Password()
    {
        if (File.Exists(PasswordFile))
            return File.ReadAllText(PasswordFile);
        if (Directory.Exists(Data))
            throw new UserException($"The database folder {Folder} has lost its file 'password'; put it back, or start with --fresh.");
        string password = RandomNumberGenerator.GetHexString(32, lowercase: true);
        WriteSecret(PasswordFile, password);
        return password;
    }

    /// <summary>Makes the cluster where there is none. It is made beside its place and moved there, so that a crash leaves none half made.</summary>
    public async Task CreateAsync(PostgresBinaries binaries, ServiceAccount account, string password, bool throwAway, CancellationToken cancellationToken)
    {
        if (Directory.Exists(Data))
            return;
        string unfinished = Data + ".unfinished", secret = PasswordFile + ".unfinished";
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        Directory.CreateDirectory(unfinished, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await account.OwnAsync(unfinished, cancellationToken);
        WriteSecret(secret, password);
        await account.OwnAsync(secret, cancellationToken);

        List<string> command =
        [
            .. account.Switch, binaries.Initializer, "-D", unfinished, "-U", User, $"--pwfile={secret}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
        ];
        if (throwAway)
            command.Add("--no-sync");
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            string errors = await process.StandardError.ReadToEndAsync(cancellationToken);
            await output;
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
                throw new UserException($"PostgreSQL's {binaries.Initializer} could not make a database in {Folder}: {errors.Trim()}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            File.Delete(secret);
        }
        Directory.Move(unfinished, Data);
    }

    /// <summary>Stops a server that outlived its owner, so that nobody else writes to these files.</summary>
    public async Task StopLeftoverAsync(ILogger logger, CancellationToken cancellationToken)
    {
        if (Postmaster() is not { } pidFile || !int.TryParse(pidFile[0], CultureInfo.InvariantCulture, out int id) || !Serves(id))
            return;
        Log.StoppingLeftover(logger, id);
        try
        {
            using Process leftover = Process.GetProcessById(id);
            using (Process signal = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "kill -s INT \"$1\"", "sh", pidFile[0]]))!)
                await signal.WaitForExitAsync(cancellationToken);
            using CancellationTokenSource bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            bound.CancelAfter(LeftoverBound);
            try
            {
                await leftover.WaitForExitAsync(bound.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // PostgreSQL recovers from this by its log, as from a crash.
                leftover.Kill();
                await leftover.WaitForExitAsync(cancellationToken);
            }
        }
        catch (ArgumentException)
        {
            // It ended by itself before we looked.
        }
    }

    /// <summary>Whether the server with this process id accepts connections.</summary>
    public bool IsReady(int id) =>
        Postmaster() is { Length: > 7 } pidFile && pidFile[0] == id.ToString(CultureInfo.InvariantCulture) && pidFile[7].Trim() == "ready";

    /// <summary>The lines of postmaster.pid: process id, folder, start time, port, socket folder, address, shared memory, status.</summary>
    private string[]? Postmaster()
    {
        try
        {
            return File.ReadAllLines(Path.Combine(Data, "postmaster.pid")) is { Length: > 0 } lines ? lines : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    // A process id alone may long belong to somebody else; a postmaster's working directory is its data directory.
    private bool Serves(int id)
    {
        try
        {
            return new FileInfo($"/proc/{id}/cwd").LinkTarget == Data;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void WriteSecret(string path, string secret)
    {
        using FileStream file = new(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.Write(System.Text.Encoding.ASCII.GetBytes(secret));
    }
}
