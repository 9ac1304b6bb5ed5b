using Microsoft.Extensions.Logging;

namespace Assay.Demo.Database.Internal;

internal static partial class Log
{
    [LoggerMessage(850, LogLevel.Information, "PostgreSQL {Major} listens on 127.0.0.1:{Port}, data in {Folder}.")]
    public static partial void Listening(ILogger logger, int major, int port, string folder);

    [LoggerMessage(851, LogLevel.Information, "A PostgreSQL that an earlier run left behind (process {Id}) is stopped first.")]
    public static partial void StoppingLeftover(ILogger logger, int id);
}
