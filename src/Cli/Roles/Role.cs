using Assay.Cli.Configuration;
using Microsoft.Extensions.Logging;

namespace Assay.Cli.Roles;

/// <summary>One of the processes that the product consists of: a command of its own, or one part of <c>assay run</c>.</summary>
/// <param name="Name">As commands and logs call it.</param>
/// <param name="RunAsync">Runs until cancelled; throws only what a person must mend.</param>
internal sealed record Role(string Name, Func<AssayConfiguration, ILoggerFactory, TimeProvider, CancellationToken, Task> RunAsync);
