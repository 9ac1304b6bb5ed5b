using Assay.Schemas;

namespace Assay.Cli.Commands;

/// <summary>The broker's users: lines of <c>name=password</c>, in a file or in an environment variable. Empty lines and those that begin with # are nothing.</summary>
internal static class BrokerUsers
{
    public const string Variable = "ASSAY_BROKER_USERS";

    /// <param name="file">Null: they stand in <see cref="Variable"/>.</param>
    /// <exception cref="UserException">There are none, the file cannot be read, or a line is not of that form; no password is repeated in the message.</exception>
    public static IReadOnlyDictionary<string, string> Read(string? file)
    {
        string where = file ?? $"the environment variable {Variable}";
        string text;
        try
        {
            text = (file is null ? Environment.GetEnvironmentVariable(Variable) : File.ReadAllText(file)) ?? "";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The broker's users cannot be read: {failure.Message}", failure);
        }
        Dictionary<string, string> users = [];
        int number = 0;
        foreach (string raw in text.Split('\n'))
        {
            number++;
            string line = raw.TrimEnd('\r');
            if (line.Length == 0 || line.StartsWith('#'))
                continue;
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || equals == line.Length - 1)
                throw new UserException($"Line {number} of {where} is not name=password.");
            if (!users.TryAdd(line[..equals], line[(equals + 1)..]))
                throw new UserException($"Line {number} of {where} names a user for the second time.");
        }
        return users.Count > 0 ? users : throw new UserException($"There is no user for --sasl: write a line name=password for each into {where}, or name another file with --users.");
    }
}
