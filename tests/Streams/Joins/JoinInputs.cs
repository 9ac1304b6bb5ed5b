namespace Assay.Streams.Tests.Joins;

/// <summary>A record for one of a join's topics.</summary>
internal sealed record JoinInput(int Topic, string? Key, string? Value, long Timestamp, bool RestartBefore);

/// <summary>Random inputs of joins: disorder, duplicates, equal timestamps, tombstones, restarts.</summary>
internal static class JoinInputs
{
    /// <summary>Batches one after the other in time.</summary>
    public static List<JoinInput> Many(Random random, int topics, int batches)
    {
        List<JoinInput> inputs = [];
        for (int i = 0; i < batches; i++)
        {
            // A client takes time zero for the present.
            long begin = inputs.Count == 0 ? 1 : inputs.Max(input => input.Timestamp);
            inputs.AddRange(Of(random, topics).Select(input => input with { Timestamp = begin + input.Timestamp }));
        }
        return inputs;
    }

    public static List<JoinInput> Of(Random random, int topics, int tombstoneIn = 5)
    {
        List<JoinInput> inputs = [];
        long time = 0;
        int count = random.Next(1, 60);
        for (int i = 0; i < count; i++)
        {
            if (inputs.Count > 0 && random.Next(8) == 0)
            {
                inputs.Add(inputs[^1] with { RestartBefore = false });
                continue;
            }
            time += random.Next(4) switch { 0 => 0, 1 => random.Next(40), _ => random.Next(4) };
            long timestamp = Math.Max(0, random.Next(3) == 0 ? time - random.Next(50) : time);
            string? value = random.Next(tombstoneIn) == 0 ? null : $"v{random.Next(1000)}";
            inputs.Add(new JoinInput(random.Next(topics), $"k{random.Next(3)}", value, timestamp, random.Next(10) == 0));
        }
        return inputs;
    }
}
