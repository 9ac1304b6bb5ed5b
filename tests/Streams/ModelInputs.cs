namespace Assay.Streams.Tests;

/// <summary>One record of a random input.</summary>
internal sealed record ModelInput(string Key, string Value, long Timestamp, bool RestartBefore)
{
    /// <summary>Records of three keys with disorder, duplicates and equal timestamps.</summary>
    /// <param name="disorder">The most milliseconds by which a record comes after a later one.</param>
    public static List<ModelInput> List(Random random, int disorder)
    {
        List<ModelInput> inputs = [];
        long time = random.Next(60);
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
            inputs.Add(new ModelInput($"k{random.Next(3)}", $"{(char)('a' + random.Next(26))}", timestamp, random.Next(10) == 0));
        }
        return inputs;
    }
}

/// <summary>One result in a window, with null for one that is no more.</summary>
internal sealed record ModelOutput(string Key, long Start, long End, string? Value, long Timestamp);
