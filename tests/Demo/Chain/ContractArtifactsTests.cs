using System.Diagnostics;

namespace Assay.Demo.Tests.Chain;

public sealed class ContractArtifactsTests
{
    [Fact]
    public async Task Committed_bytecode_is_what_the_compiler_makes_of_the_sources()
    {
        string node = Foreign.Program("node", "install Node.js");
        Foreign.NodePackage("solc");
        string folder = Repository.File("src", "Demo", "Chain", "contracts");

        using Process compiler = Process.Start(
            new ProcessStartInfo(node, [Path.Combine(folder, "compile.mjs"), Foreign.NodeModules]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = compiler.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string compiled = await compiler.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await compiler.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(compiler.ExitCode == 0, await errors);
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(folder, "contracts.json"), TestContext.Current.CancellationToken), compiled);
    }
}
