using Confluent.Kafka;

namespace Assay.Streams.Internal.Nodes;

/// <summary>A node at work in a task.</summary>
internal abstract class Node(string name)
{
    public string Name { get; } = name;

    public virtual void Init()
    {
    }

    public virtual void Close()
    {
    }
}

/// <summary>A node that takes records of these types. Parents call it directly: no queue, no boxing, no lookup.</summary>
internal abstract class NodeInput<TKey, TValue>(string name) : Node(name)
{
    public abstract void Process(in Record<TKey, TValue> record);
}

/// <summary>What is measured of a sink, once a batch.</summary>
internal interface IMeasuredSink
{
    string Name { get; }

    /// <summary>Records so far.</summary>
    long Sent { get; }

    /// <summary>Of the last record, ms since the epoch.</summary>
    long LastTimestamp { get; }
}

internal static class Forwarding
{
    /// <summary>Hands a record to each child. Headers can be changed in place, so with several children each gets a copy.</summary>
    public static void ToAll<TKey, TValue>(NodeInput<TKey, TValue>[] children, in Record<TKey, TValue> record)
    {
        if (children.Length == 1 || record.Headers is null)
        {
            foreach (NodeInput<TKey, TValue> child in children)
                child.Process(in record);
            return;
        }
        foreach (NodeInput<TKey, TValue> child in children)
            child.Process(record with { Headers = Copy(record.Headers) });
    }

    public static Headers Copy(Headers headers)
    {
        Headers copy = [];
        for (int i = 0; i < headers.Count; i++)
            copy.Add(headers[i]);
        return copy;
    }
}
