namespace Assay.Streams.Internal.Dsl;

/// <summary>Runs a processor that must leave the key as it is; in a punctuation there is no key to compare, and any may be forwarded that its stores hold.</summary>
internal sealed class FixedKeyProcessor<TKey, TValue, TNewValue>(IProcessor<TKey, TValue, TKey, TNewValue> inner) : IProcessor<TKey, TValue, TKey, TNewValue>
{
    private GuardedContext _context = null!;

    public void Init(IProcessorContext<TKey, TNewValue> context) => inner.Init(_context = new GuardedContext(context));

    public void Process(in Record<TKey, TValue> record)
    {
        _context.Key = record.Key;
        _context.InProcess = true;
        try
        {
            inner.Process(in record);
        }
        finally
        {
            _context.InProcess = false;
        }
    }

    public void Close() => inner.Close();

    private sealed class GuardedContext(IProcessorContext<TKey, TNewValue> inner) : IProcessorContext<TKey, TNewValue>
    {
        public TKey Key { get; set; } = default!;

        public bool InProcess { get; set; }

        public string ApplicationId => inner.ApplicationId;

        public TaskId TaskId => inner.TaskId;

        public long CurrentStreamTime => inner.CurrentStreamTime;

        public long CurrentSystemTime => inner.CurrentSystemTime;

        public RecordMetadata? RecordMetadata => inner.RecordMetadata;

        public TStore GetStateStore<TStore>(string name) where TStore : class, IStateStore => inner.GetStateStore<TStore>(name);

        public IDisposable Schedule(TimeSpan interval, PunctuationType type, Action<long> punctuator) => inner.Schedule(interval, type, punctuator);

        public void Commit() => inner.Commit();

        public void Forward(in Record<TKey, TNewValue> record)
        {
            Check(record.Key);
            inner.Forward(in record);
        }

        public void Forward(in Record<TKey, TNewValue> record, string childName)
        {
            Check(record.Key);
            inner.Forward(in record, childName);
        }

        private void Check(TKey key)
        {
            if (InProcess && !EqualityComparer<TKey>.Default.Equals(key, Key))
                throw new InvalidOperationException($"A processor of ProcessValues forwarded the key {key} while it processed {Key}: use Process to change keys.");
        }
    }
}
