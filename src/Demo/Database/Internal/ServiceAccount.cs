using System.Diagnostics;
using Assay.Schemas;

namespace Assay.Demo.Database.Internal;

/// <summary>Whom PostgreSQL runs as: ourselves, or, as it refuses root, an unprivileged account of the machine.</summary>
/// <param name="Name">The account; null: ourselves.</param>
/// <param name="Switch">The command that comes before a program to run it as the account.</param>
internal sealed record ServiceAccount(string? Name, IReadOnlyList<string> Switch)
{
    // In order of preference; the second exists everywhere.
    private static readonly string[] Names = ["postgres", "nobody"];

    /// <summary>Chooses the account and makes sure that it reaches the program and the folder.</summary>
    /// <exception cref="UserException">It can't.</exception>
    public static async Task<ServiceAccount> ChooseAsync(string program, string folder, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
            return new ServiceAccount(null, []);
        string[] entry = Names.Select(Find).FirstOrDefault(found => found is not null)
            ?? throw new UserException("PostgreSQL refuses to run as root and this machine has neither a user 'postgres' nor 'nobody'; run as an ordinary user.");
        string[] command = ["setpriv", $"--reuid={entry[2]}", $"--regid={entry[3]}", "--clear-groups"];
        // Below a folder that only root enters (/root, a mktemp -d) the account may pass by this one capability; it is granted only where nothing else helps.
        string[] passing = [.. command, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
        foreach (string[] attempt in new[] { command, passing })
        {
            if (await RunAsync([.. attempt, "sh", "-c", "test -x \"$1\" && test -x \"$2\"", "sh", program, folder], cancellationToken) == 0)
                return new ServiceAccount(entry[0], attempt);
        }
        throw new UserException(
            $"PostgreSQL refuses to run as root, and the user '{entry[0]}' cannot reach {folder} and {program}; choose a data folder that it can enter, or run as an ordinary user.");
    }

    /// <summary>Makes the account the owner of a file or folder.</summary>
    public async Task OwnAsync(string path, CancellationToken cancellationToken)
    {
        if (Name is not null && await RunAsync(["chown", Name, path], cancellationToken) != 0)
            throw new UserException($"The user '{Name}' cannot be made the owner of {path}, and PostgreSQL refuses to run as root; choose another data folder, or run as an ordinary user.");
    }

    private static string[]? Find(string name) =>
        File.ReadLines("/etc/passwd").Select(line => line.Split(':')).FirstOrDefault(fields => fields[0] == name && fields.Length > 3);

    private static async Task<int> RunAsync(string[] command, CancellationToken cancellationToken)
    {
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }
}
