using Assay.Cli.Configuration;
using Assay.Topology;

namespace Assay.Cli.Tests.Configuration;

public sealed class ConfigurationWriterTests
{
    [Fact]
    public void What_is_written_reads_back_equal_and_is_the_owners_alone()
    {
        AssayConfiguration shipped = Configured.Shipped(environment: new Dictionary<string, string> { ["DB_PASSWORD"] = "s3cret", ["COINGECKO_API_KEY"] = "k3y" });
        AssayConfiguration configuration = shipped with
        {
            Topics = shipped.Topics with { Retention = TimeSpan.FromDays(7), Partitions = 5 },
            Accuracy = shipped.Accuracy with { Window = TimeSpan.FromSeconds(5), Grace = TimeSpan.FromMilliseconds(1500), MaxAverageAge = TimeSpan.FromSeconds(90), Format = AccuracyFormat.Avro },
            Sources = [.. shipped.Sources.Select(source => source with { MaxAge = TimeSpan.FromMinutes(3) })],
        };
        using TemporaryFolder folder = new();
        ConfigurationWriter.Write(configuration, folder["assay.json"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["assay.json"]));
        AssayConfiguration again = ConfigurationLoader.Load(folder["assay.json"], Configured.Nothing);
        Assert.Equivalent(configuration, again, strict: true);
        Assert.Equal("k3y", again.Sources[0].Headers["x-cg-demo-api-key"]);
    }

    [Fact]
    public void Every_key_that_the_loader_knows_is_written()
    {
        AssayConfiguration configuration = Configured.By("""
            {
              "kafka": { "instance": "i", "security": { "user": "u", "password": "${S}", "certificate_authority": "/ca", "registry_user": "r", "registry_password": "${S}" } },
              "chains": { "c": { "id": 2, "endpoints": ["http://c"] } },
              "feeds": { "f": { "pair": "A-B", "chain": "c", "proxy": "0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419", "heartbeat": "1h", "deviation_threshold": 1 },
                         "g": { "pair": "A-B", "chain": "c", "aggregator": "0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419", "heartbeat": "1h", "deviation_threshold": 1 } },
              "sources": { "s": { "max_age": "1s", "requests": [{ "url": "http://s", "event_type": "e", "prices": { "A-B": { "price": "/p", "time": "/t" } } }] } },
              "accuracy": { "max_average_age": "1m" },
              "database": { "password": "${S}" }
            }
            """, new Dictionary<string, string> { ["S"] = "s3cret" });
        using MemoryStream written = new();
        ConfigurationWriter.Write(configuration, written);
        using System.Text.Json.JsonDocument document = System.Text.Json.JsonDocument.Parse(written.ToArray());
        IEnumerable<string> leaves = Known.KeysOf(document.RootElement).Append("$schema");
        Assert.Equal(Known.ByLoader().Keys.Order(StringComparer.Ordinal), leaves.Distinct().Order(StringComparer.Ordinal));
    }
}
