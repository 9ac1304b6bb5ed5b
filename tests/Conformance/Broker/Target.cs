namespace Assay.Conformance.Tests.Broker;

/// <summary>What a behaviour is tested on.</summary>
public enum Target
{
    /// <summary>The embedded broker, in this process, over TCP.</summary>
    Assay,
    /// <summary>Apache Kafka, from the distribution that KAFKA_HOME names.</summary>
    ApacheKafka,
}
