namespace Assay.Cli.Tests.House;

public sealed class ScriptTests
{
    public static TheoryData<string> Scripts =>
        [.. SourceTree.Files.Where(file => file is "assay" or ".ci/run" || (file.EndsWith(".sh", StringComparison.Ordinal)))];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task A_script_is_free_of_what_shellcheck_finds(string script)
    {
        string shellcheck = Foreign.Program("shellcheck", "apt-get install shellcheck");
        (int exitCode, string output, _) = await Programs.RunAsync(shellcheck, ["--external-sources", "--source-path", Repository.Root, Repository.File(script)]);
        Assert.True(exitCode == 0, output);
    }
}
