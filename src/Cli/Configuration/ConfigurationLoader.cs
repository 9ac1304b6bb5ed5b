using System.Collections;
using Assay.Cli.Configuration.Internal;
using Assay.Schemas;

namespace Assay.Cli.Configuration;

/// <summary>Reads <c>assay.json</c>, lays the environment and the flags over it and checks the whole.</summary>
public static class ConfigurationLoader
{
    public const string FileName = "assay.json";

    /// <summary>The configuration that applies.</summary>
    /// <param name="path">The file; null: <see cref="Find"/> looks for it.</param>
    /// <param name="environment">The variables to look at; null: the process's.</param>
    /// <param name="flags">Keys with dots and their values, e.g. <c>kafka.bootstrap</c>: the last word.</param>
    /// <exception cref="UserException">One line for each thing that is wrong: file, line, key and the mend.</exception>
    public static AssayConfiguration Load(
        string? path = null, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyList<KeyValuePair<string, string>>? flags = null)
    {
        string file = path ?? Find();
        byte[] content;
        try
        {
            content = File.ReadAllBytes(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The configuration {file} cannot be read: {failure.Message.TrimEnd('.')}; name one with --config.", failure);
        }
        return Load(file, content, environment ?? ProcessEnvironment(), flags ?? []);
    }

    internal static AssayConfiguration Load(
        string name, ReadOnlyMemory<byte> content, IReadOnlyDictionary<string, string> environment, IReadOnlyList<KeyValuePair<string, string>> flags, KeyTrace? trace = null)
    {
        Problems problems = new();
        References references = new(environment);
        ObjectNode root = NodeParser.Parse(name, content, problems);
        Overlay.Apply(root, environment, references, flags);
        AssayConfiguration configuration = Mapping.Read(new Section(root, new LoadContext(problems, references, trace)));
        problems.ThrowIfAny();
        return configuration;
    }

    /// <summary>The file in the working folder, else the nearest one above the program: the checkout's, or the image's.</summary>
    /// <exception cref="UserException">There is none.</exception>
    public static string Find()
    {
        if (File.Exists(FileName))
            return FileName;
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, FileName);
            if (File.Exists(candidate))
                return candidate;
        }
        throw new UserException($"There is no {FileName} in this folder or above the program; name one with --config.");
    }

    private static Dictionary<string, string> ProcessEnvironment()
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            variables[(string)entry.Key] = (string?)entry.Value ?? "";
        return variables;
    }
}
