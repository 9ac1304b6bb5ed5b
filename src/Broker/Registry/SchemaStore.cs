using System.Text.Json.Nodes;
using Assay.Broker.Internal;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Topics;

namespace Assay.Broker.Registry;

/// <summary>
/// The registry's memory: the topic <c>_schemas</c> of this broker, whose records are Confluent's (keys <c>SCHEMA</c>, <c>CONFIG</c> and <c>MODE</c>; a null value
/// takes a key back), and a table of them. Several changes go in one record batch, so they are there together or not at all. When the topic has grown well beyond what
/// the table holds, the table is written anew behind it and what stood before is deleted. Not thread-safe.
/// </summary>
internal sealed class SchemaStore
{
    public const string TopicName = "_schemas";
    private const int ReadBytes = 1024 * 1024;
    private const int RewriteAbove = 1_000;
    private const int RewriteFactor = 4;
    private const string SegmentBytes = "1048576";

    private readonly Dictionary<string, JsonObject> _table = [];
    private readonly Node _node;
    private readonly Topic _topic;

    /// <summary>Makes the topic where it is missing and reads it.</summary>
    public SchemaStore(Node node)
    {
        _node = node;
        Dictionary<string, string> settings = new() { [TopicConfig.CleanupPolicy] = "compact", ["segment.bytes"] = SegmentBytes };
        _topic = node.Topics.Find(TopicName) ?? node.Topics.Create(TopicName, 1, settings).Topic!;
        Read();
    }

    private PartitionLog Records => _topic.Partitions[0];

    /// <summary>Every record that is in force: its key and its value.</summary>
    public IEnumerable<(JsonObject Key, JsonObject Value)> All => _table.Select(entry => (JsonNode.Parse(entry.Key)!.AsObject(), entry.Value));

    public static JsonObject SchemaKey(string subject, int version) => new() { ["keytype"] = "SCHEMA", ["subject"] = subject, ["version"] = version, ["magic"] = 1 };

    public static JsonObject SettingKey(string kind, string? subject) => new() { ["keytype"] = kind, ["subject"] = subject, ["magic"] = 0 };

    /// <summary>Writes changes together; a null value takes the key back.</summary>
    public void Write(params IReadOnlyList<(JsonObject Key, JsonObject? Value)> changes)
    {
        Append([.. changes.Select(change => (change.Key.ToJsonString(JsonText.Options), change.Value))]);
        foreach ((JsonObject key, JsonObject? value) in changes)
            Apply(key.ToJsonString(JsonText.Options), value);
        if (Records.EndOffset - Records.StartOffset > RewriteAbove && Records.EndOffset - Records.StartOffset > RewriteFactor * _table.Count)
            Rewrite();
    }

    private void Read()
    {
        for (long offset = Records.StartOffset; offset < Records.EndOffset;)
        {
            ReadResult read = Records.Read(offset, ReadBytes, committedOnly: false, atLeastOne: true);
            if (read.Buffer is null)
                return;
            for (int position = 0; position < read.Length;)
            {
                BatchHeader batch = BatchHeader.Read(read.Buffer.AsSpan(position));
                if (!batch.Control)
                    foreach ((long at, _, Record record) in BatchRecords.Read(read.Buffer.AsSpan(position, batch.Size)))
                        if (at >= offset && record.Key is not null)
                            Apply(JsonNode.Parse(record.Key)!.ToJsonString(JsonText.Options), record.Value is null ? null : JsonNode.Parse(record.Value)!.AsObject());
                position += batch.Size;
                offset = batch.NextOffset;
            }
            System.Buffers.ArrayPool<byte>.Shared.Return(read.Buffer);
        }
    }

    private void Rewrite()
    {
        long before = Records.EndOffset;
        foreach (KeyValuePair<string, JsonObject>[] part in _table.Chunk(RewriteAbove))
            Append([.. part.Select(entry => (entry.Key, (JsonObject?)entry.Value))]);
        _node.Topics.DeleteRecords(_topic, 0, before);
    }

    private void Append(IReadOnlyList<(string Key, JsonObject? Value)> records) => Records.AppendOwn(BatchBuilder.Plain(
        [.. records.Select(record => new Record(Bytes(record.Key), record.Value is null ? null : Bytes(record.Value.ToJsonString(JsonText.Options))))],
        _node.Time.GetUtcNow().ToUnixTimeMilliseconds()));

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private void Apply(string key, JsonObject? value)
    {
        if (key.Contains("\"keytype\":\"DELETE_SUBJECT\"", StringComparison.Ordinal))
        {
            if (value is not null)
                DeleteSubject(value);
        }
        else if (value is null)
            _table.Remove(key);
        else
            _table[key] = value;
    }

    /// <summary>Confluent's registry soft-deletes a subject with one record, for all versions up to the one in it; here each version's own record says so.</summary>
    private void DeleteSubject(JsonObject deletion)
    {
        foreach (JsonObject schema in _table.Values.Where(value => value.ContainsKey("schema")))
            if ((string?)schema["subject"] == (string?)deletion["subject"] && (int)schema["version"]! <= (int)deletion["version"]!)
                schema["deleted"] = true;
    }
}
