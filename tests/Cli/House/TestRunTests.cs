using System.Globalization;

namespace Assay.Cli.Tests.House;

/// <summary><c>./assay test</c> with test programs that only print what xunit prints.</summary>
public sealed class TestRunTests : IDisposable
{
    private readonly LauncherCheckout _checkout = new();

    public void Dispose() => _checkout.Dispose();

    [Fact]
    public async Task Counts_are_added_up_and_the_last_line_says_them()
    {
        Project("One", 0, Summary("One", total: 5, failed: 0, skipped: 1));
        Project("Two", 0, Summary("Two", total: 7, failed: 0, skipped: 0));
        (int exitCode, string output, string error) = await _checkout.LaunchAsync("test");
        Assert.True(exitCode == 0, output + error);
        Assert.Equal("11 passed, 0 failed, 1 skipped", output.TrimEnd().Split('\n')[^1]);
    }

    [Fact]
    public async Task A_failure_is_shown_in_full_and_fails_the_run()
    {
        Project("One", 1, "what went wrong\n" + Summary("One", total: 5, failed: 2, skipped: 0));
        Project("Two", 0, "what went well\n" + Summary("Two", total: 1, failed: 0, skipped: 0));
        (int exitCode, string output, _) = await _checkout.LaunchAsync("test");
        Assert.Equal(1, exitCode);
        Assert.Contains("what went wrong", output, StringComparison.Ordinal);
        Assert.DoesNotContain("what went well", output, StringComparison.Ordinal);
        Assert.EndsWith("\n4 passed, 2 failed\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_program_that_dies_counts_as_a_failure()
    {
        Project("One", 134, "Aborted\n");
        (int exitCode, string output, _) = await _checkout.LaunchAsync("test");
        Assert.Equal(1, exitCode);
        Assert.Contains("Aborted", output, StringComparison.Ordinal);
        Assert.EndsWith("\n0 passed, 1 failed\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_project_that_is_named_is_run()
    {
        Project("One", 0, Summary("One", total: 5, failed: 0, skipped: 0));
        Project("Two", 1, Summary("Two", total: 1, failed: 1, skipped: 0));
        (int exitCode, string output, _) = await _checkout.LaunchAsync("test", "--only", "One");
        Assert.Equal(0, exitCode);
        Assert.EndsWith("\n5 passed, 0 failed\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_crash_tests_run_alone_with_as_many_faults_as_asked_and_are_shown_as_they_run()
    {
        Project("Chaos", 0, "fault 1 of 100\n" + Summary("Chaos", total: 2, failed: 0, skipped: 0));
        Project("One", 1, Summary("One", total: 1, failed: 1, skipped: 0));
        (int exitCode, string output, string error) = await _checkout.LaunchAsync("test", "--chaos", "100", "--seed", "7");
        Assert.True(exitCode == 0, output + error);
        Assert.Contains("100 faults, seed 7\nfault 1 of 100\n", output, StringComparison.Ordinal);
        Assert.EndsWith("\n2 passed, 0 failed\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_crash_test_fails_the_run_and_is_shown_once()
    {
        Project("Chaos", 1, "what went wrong\n" + Summary("Chaos", total: 2, failed: 1, skipped: 0));
        (int exitCode, string output, _) = await _checkout.LaunchAsync("test", "--chaos", "100");
        Assert.Equal(1, exitCode);
        Assert.Equal(2, output.Split("what went wrong").Length);
        Assert.EndsWith("\n1 passed, 1 failed\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("many")]
    public async Task A_number_of_faults_that_is_none_is_used_wrongly(string faults)
    {
        (int exitCode, _, string error) = await _checkout.LaunchAsync("test", "--chaos", faults);
        Assert.Equal(2, exitCode);
        Assert.Contains("a whole number is needed", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_that_no_test_matches_fails_the_run()
    {
        Project("One", 0, "=== TEST EXECUTION SUMMARY ===\n   Assay.One.Tests  Total: 0\n");
        (int exitCode, string output, string error) = await _checkout.LaunchAsync("test", "--filter", "Nothing");
        Assert.Equal(1, exitCode);
        Assert.Contains("no test's full name contains that text", error, StringComparison.Ordinal);
        Assert.EndsWith("\n0 passed, 1 failed\n", output, StringComparison.Ordinal);
    }

    private static string Summary(string project, int total, int failed, int skipped) => string.Create(
        CultureInfo.InvariantCulture, $"=== TEST EXECUTION SUMMARY ===\n   Assay.{project}.Tests  Total: {total}, Errors: 0, Failed: {failed}, Skipped: {skipped}, Not Run: 0, Time: 0.1s\n");

    private void Project(string name, int status, string output)
    {
        Directory.CreateDirectory(_checkout[$"tests/{name}"]);
        File.WriteAllText(_checkout[$"tests/{name}/Assay.{name}.Tests.csproj"], "");
        File.WriteAllText(_checkout.Note($"Assay.{name}.Tests"), output);
        File.WriteAllText(_checkout.Note($"Assay.{name}.Tests.status"), status.ToString(CultureInfo.InvariantCulture));
    }
}
