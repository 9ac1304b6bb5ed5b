namespace Assay.Conformance.Tests.Streams;

/// <summary>Series of records with disorder, duplicates, equal timestamps, late records and several keys.</summary>
internal static class RandomInputs
{
    /// <param name="tombstones">One in so many values is null; 0: none.</param>
    /// <param name="topics">Records go to one of them at random.</param>
    public static IReadOnlyList<Input> Of(Random random, int tombstones, params string[] topics) => Of(random, tombstones, disorder: 50, topics);

    /// <param name="disorder">A record comes at most so many milliseconds after a later one; 0: in order of time.</param>
    public static IReadOnlyList<Input> Of(Random random, int tombstones, int disorder, params string[] topics)
    {
        List<Input> inputs = [];
        long time = random.Next(3) == 0 ? 0 : random.Next(100);
        int count = random.Next(1, 60);
        for (int i = 0; i < count; i++)
        {
            if (inputs.Count > 0 && random.Next(8) == 0)
            {
                inputs.Add(inputs[^1]);
                continue;
            }
            time += random.Next(4) switch { 0 => 0, 1 => random.Next(40), _ => random.Next(4) };
            long timestamp = Math.Max(0, random.Next(3) == 0 ? time - random.Next(disorder + 1) : time);
            string? value = tombstones > 0 && random.Next(tombstones) == 0 ? null : $"{"abc"[random.Next(3)]}{random.Next(100)}";
            inputs.Add(new Input(topics[random.Next(topics.Length)], $"k{random.Next(3)}", value, timestamp));
        }
        return inputs;
    }
}
