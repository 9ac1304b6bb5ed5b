using Assay.Topology.Tests.Harness;

namespace Assay.Topology.Tests;

/// <summary>Semantics: The one rule; whatever the order of arrival and the restarts, the latest revisions are those of the naive model.</summary>
public sealed class OrderTests
{
    private const int Cases = 3_000;
    private const int RestartsPerCase = 3;

    [Fact]
    public void Latest_revisions_are_the_pure_function_of_the_inputs_in_any_order_and_with_restarts()
    {
        int first = int.TryParse(Environment.GetEnvironmentVariable("ASSAY_TEST_SEED"), out int given) ? given : Random.Shared.Next();
        int records = 0;
        Parallel.For(0, Cases, new ParallelOptions { CancellationToken = TestContext.Current.CancellationToken }, number =>
        {
            int seed = unchecked(first + number);
            try
            {
                Interlocked.Add(ref records, Run(seed));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"ASSAY_TEST_SEED={seed} begins with this case: {failure.Message}", failure);
            }
        });
        // A generator that draws nothing would prove nothing.
        Assert.True(records > Cases * 10, $"{records} records in {Cases} cases");
    }

    private static int Run(int seed)
    {
        RandomCase given = new(seed);
        Random random = new(seed);
        JoinUnderTest join = new(given.Options);
        foreach (object input in given.Delivery)
        {
            join.Take(input);
            if (random.Next(given.Delivery.Count) < RestartsPerCase)
                join.Restart();
        }
        join.Join.Advance(given.End);
        Comparison.AssertRevisions(join.Emitted);
        return Comparison.AssertLatest(NaiveModel.Compute(given.Options, given.Quotes, given.Messages), join.Emitted, $"seed {seed}");
    }
}
