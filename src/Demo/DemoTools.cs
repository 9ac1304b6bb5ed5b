using Assay.Schemas;

namespace Assay.Demo;

/// <summary>Where the programs are that the demo runs beside itself: the node packages of <c>src/Demo/package.json</c>, installed by the launcher.</summary>
public static class DemoTools
{
    /// <summary>The folder <c>.tools/demo/node_modules</c> of the checkout that this program was built in; null where there is none.</summary>
    public static string? NodeModules { get; } = Find();

    /// <summary>The path of anvil, the EVM node.</summary>
    /// <exception cref="UserException">It is not installed.</exception>
    public static string Anvil
    {
        get
        {
            string? path = NodeModules is null ? null : Path.Combine(NodeModules, "@foundry-rs", "anvil-linux-amd64", "bin", "anvil");
            return path is not null && File.Exists(path)
                ? path
                : throw new UserException(
                    "The EVM node anvil is not installed under .tools/demo: start the program with ./assay, which installs it (Linux on x86-64 only; it needs npm).");
        }
    }

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, ".tools", "demo", "node_modules");
            if (Directory.Exists(candidate))
                return candidate;
        }
        return null;
    }
}
