using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>DescribeLogDirs v1–4 (v2 flexible; v4 adds the volume's size): the data folder and how much of it each partition takes.</summary>
internal sealed class DescribeLogDirsHandler() : ImmediateHandler<DescribeLogDirsRequest>(35, 1, 4, 2)
{
    protected override IMessage Handle(DescribeLogDirsRequest request, RequestContext context)
    {
        Dictionary<string, int[]>? asked = request.Topics?.DistinctBy(topic => topic.Name).ToDictionary(topic => topic.Name, topic => topic.Partitions);
        string? folder = context.Node.Options.DataFolder;
        DriveInfo? drive = folder is null ? null : new DriveInfo(Path.GetFullPath(folder));
        return new DescribeLogDirsResponse
        {
            Results =
            [
                new DescribeLogDirsResponse.Result
                {
                    LogDir = folder is null ? "memory" : Path.GetFullPath(folder),
                    TotalBytes = drive?.TotalSize ?? -1,
                    UsableBytes = drive?.AvailableFreeSpace ?? -1,
                    Topics = [.. context.Node.Topics.All.Where(topic => asked is null || asked.ContainsKey(topic.Name)).Select(topic => new TopicOf<DescribeLogDirsResponse.Result.Partition>
                    {
                        Name = topic.Name,
                        Partitions = [.. Enumerable.Range(0, topic.Partitions.Count).Where(index => asked is null || asked[topic.Name].Contains(index))
                            .Select(index => new DescribeLogDirsResponse.Result.Partition { PartitionIndex = index, PartitionSize = topic.Partitions[index].Size })],
                    })],
                },
            ],
        };
    }
}
