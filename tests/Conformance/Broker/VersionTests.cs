using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Requests;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Which requests are served in which versions, and what becomes of others.</summary>
public sealed class VersionTests(Clusters clusters)
{
    private const short ApiVersions = 18;

    [Fact]
    public void Suite_runs_on_Apache_Kafka_too() => Foreign.KafkaTool("one-node.sh");

    [Theory, OnBoth]
    public async Task ApiVersions_in_an_unknown_version_is_answered_in_version_0_with_the_ranges(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);

        ApiVersionsResponse response = await client.Connection.AskAsync<ApiVersionsResponse>(ApiVersions, 99, new ApiVersionsRequest(), answeredIn: 0);

        Assert.Equal(KafkaError.UnsupportedVersion, response.ErrorCode);
        Assert.Contains(response.ApiKeys, range => range is { ApiKey: ApiVersions, MinVersion: 0, MaxVersion: 4 });
    }

    [Theory, OnBoth]
    public async Task Every_version_that_is_served_is_advertised(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);

        ApiVersionsResponse response = await client.AskAsync<ApiVersionsResponse>(new ApiVersionsRequest { ClientSoftwareName = "assay", ClientSoftwareVersion = "1" });

        Assert.Equal(KafkaError.None, response.ErrorCode);
        Assert.All(RequestTable.All, handler => Assert.Contains(
            response.ApiKeys, range => range.ApiKey == handler.Key && range.MinVersion <= handler.LowestAdvertised && range.MaxVersion >= handler.Highest));
    }

    [Theory, OnBoth("", "1"), OnBoth("a b", "1"), OnBoth("-a", "1"), OnBoth("a", "1.")]
    public async Task Client_software_that_is_no_name_is_refused(Target target, string name, string version)
    {
        using Client client = await clusters.ConnectAsync(target);

        ApiVersionsResponse response = await client.AskAsync<ApiVersionsResponse>(new ApiVersionsRequest { ClientSoftwareName = name, ClientSoftwareVersion = version });

        Assert.Equal(KafkaError.InvalidRequest, response.ErrorCode);
    }

    [Theory]
    [OnBoth((short)0, (short)2)]
    [OnBoth((short)1, (short)3)]
    [OnBoth((short)3, (short)99)]
    [OnBoth((short)12, (short)-1)]
    [OnBoth((short)4, (short)0)]
    [OnBoth((short)999, (short)0)]
    [OnBoth((short)-1, (short)0)]
    public async Task Request_that_is_not_served_closes_the_connection(Target target, short key, short version)
    {
        using Client client = await clusters.ConnectAsync(target);

        await client.Connection.SendAsync(key, version, new HeartbeatRequest());

        Assert.Null(await client.Connection.ReceiveAsync());
    }
}
