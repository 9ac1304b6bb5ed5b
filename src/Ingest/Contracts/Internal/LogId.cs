using Assay.Ethereum;
using Assay.Schemas;

namespace Assay.Ingest.Contracts.Internal;

/// <summary>Names a log within its chain.</summary>
internal readonly record struct LogId(string BlockHash, int LogIndex)
{
    public static LogId Of(LogEntry log) => new(log.BlockHash, log.LogIndex);

    public static LogId Of(ContractPrice price) => new(price.BlockHash, price.LogIndex);
}
