namespace Assay.Cli.Demo;

/// <summary>The ports the demo prefers, so that pasted commands work from one run to the next; where one is taken it uses a free one.</summary>
internal static class DemoPorts
{
    public const int Kafka = 9092;
    public const int Registry = 8081;
    public const int Chain = 8545;
    public const int Market = 8787;
    public const int Database = 5433;
}
