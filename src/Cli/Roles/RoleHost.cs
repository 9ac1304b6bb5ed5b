using Assay.Cli.Configuration;
using Assay.Schemas;
using Microsoft.Extensions.Logging;

namespace Assay.Cli.Roles;

/// <summary>Runs roles side by side in this process.</summary>
internal static class RoleHost
{
    /// <summary>Sees to the topics, then runs the roles until cancelled. The first that fails for good stops the others, and its failure is thrown.</summary>
    public static async Task RunAsync(
        IReadOnlyList<Role> roles, AssayConfiguration configuration, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        ILogger logger = loggers.CreateLogger("Assay");
        await TopicAdmin.EnsureAsync(configuration.Kafka, configuration.Topics, logger, time, cancellationToken);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> running = [.. roles.Select(role => Task.Run(() => role.RunAsync(configuration, loggers, time, stop.Token), CancellationToken.None))];
        foreach (Role role in roles)
            Log.RoleStarted(logger, role.Name, configuration.Kafka);
        Task first = await Task.WhenAny(running);
        await stop.CancelAsync();
        await Task.WhenAll(running).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await first;
        cancellationToken.ThrowIfCancellationRequested();
        throw new UserException($"The role '{roles[running.IndexOf(first)].Name}' ended by itself.");
    }
}
