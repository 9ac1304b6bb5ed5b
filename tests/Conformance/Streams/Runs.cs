using System.Text.Json.Nodes;

namespace Assay.Conformance.Tests.Streams;

/// <summary>A record for a topology.</summary>
/// <param name="Timestamp">Milliseconds since the epoch.</param>
internal sealed record Input(string Topic, string? Key, string? Value, long Timestamp)
{
    public JsonArray ToJson() => new(Topic, Key, Value, Timestamp);
}

/// <summary>A record that a topology wrote; bytes as Latin-1 text.</summary>
/// <param name="Cause">The number of the input that brought it about.</param>
/// <param name="Headers">Its headers' values: the numbers of inputs whose headers it took over.</param>
internal sealed record Output(int Cause, string Topic, string? Key, string? Value, long Timestamp, string Headers);

/// <summary>A changelog's last record of a key.</summary>
internal sealed record Change(string? Value, long Timestamp);

/// <summary>What one series of inputs brought about. Outputs are in order of cause and topic; changelogs by topic and key.</summary>
internal sealed record Run(IReadOnlyList<Output> Outputs, IReadOnlyDictionary<string, IReadOnlyDictionary<string, Change>> Changelogs)
{
    public static Run FromJson(JsonNode json) => new(
        [.. json["outputs"]!.AsArray().Select(output => new Output(
            (int)output![0]!, (string)output[1]!, (string?)output[2], (string?)output[3], (long)output[4]!, (string)output[5]!))],
        json["changelogs"]!.AsObject().ToDictionary(topic => topic.Key, topic => (IReadOnlyDictionary<string, Change>)topic.Value!.AsObject()
            .ToDictionary(entry => entry.Key, entry => new Change((string?)entry.Value![0], (long?)entry.Value[1] ?? -1))));
}

/// <summary>What a topology is and did, in one of the two engines.</summary>
internal sealed record Answer(string Description, IReadOnlyList<Run> Runs);
