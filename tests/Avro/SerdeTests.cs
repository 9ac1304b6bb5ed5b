using Assay.Avro.Registry;
using Assay.Avro.Tests.Support;
using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Avro.Tests;

/// <summary>Confluent's wire format, as the producers and consumers of the topics use it.</summary>
public sealed class SerdeTests
{
    private static readonly SerializationContext Context = new(MessageComponentType.Value, Topics.Contracts);

    private readonly MemoryRegistry _registry = new();

    [Fact]
    public void Serializer_and_deserializer_carry_a_record_whole()
    {
        AvroSerializer<ContractPrice> serializer = new(_registry, Topics.Contracts);
        AvroDeserializer<ContractPrice> deserializer = new(_registry);
        byte[] bytes = serializer.Serialize(Samples.Answer, Context);
        Assert.Equal(Samples.Answer, deserializer.Deserialize(bytes, isNull: false, Context));
    }

    [Fact]
    public void Serializer_writes_zero_and_the_id_in_network_order()
    {
        byte[] bytes = new AvroSerializer<ApiPrice>(_registry, Topics.Apis).Serialize(Samples.Quote, Context);
        Assert.Equal([0, 0, 0, 0, 1], bytes[..5]);
    }

    [Fact]
    public async Task Serializer_registers_under_the_topics_name()
    {
        await new AvroSerializer<ApiPrice>(_registry, "apis").PrepareAsync(TestContext.Current.CancellationToken);
        await new AvroSerializer<ApiPrice>(_registry, "apis", isKey: true).SerializeAsync(Samples.Quote, Context);
        Assert.Equal(["apis-value", "apis-key"], _registry.Subjects);
    }

    [Fact]
    public void Null_stays_null()
    {
        Assert.Null(new AvroSerializer<ApiPrice>(_registry, "apis").Serialize(null!, Context));
        Assert.Null(new AvroDeserializer<ApiPrice>(_registry).Deserialize([], isNull: true, Context));
    }

    [Fact]
    public void Deserializer_gives_one_string_for_a_repeated_pair()
    {
        AvroDeserializer<ApiPrice> deserializer = new(_registry);
        byte[] bytes = new AvroSerializer<ApiPrice>(_registry, Topics.Apis).Serialize(Samples.Quote, Context);
        Assert.Same(deserializer.Decode(bytes).Pair, deserializer.Decode(bytes).Pair);
    }

    [Fact]
    public void Deserializer_reads_a_record_of_another_schema()
    {
        byte[] bytes = new AvroSerializer<ContractPrice>(_registry, Topics.Contracts).Serialize(Samples.Answer, Context);
        ContractMoment moment = new AvroDeserializer<ContractMoment>(_registry).Decode(bytes);
        Assert.Equal(new ContractMoment { Price = 1683.12m, UpdatedAt = Samples.Answer.UpdatedAt }, moment);
    }

    [Theory]
    [InlineData(new byte[0], "it has 0 bytes")]
    [InlineData(new byte[] { 0, 0, 0, 0 }, "it has 4 bytes")]
    [InlineData(new byte[] { 123, 34, 97, 34, 58, 49 }, "starts with [7B2261223A]")]
    public void Deserializer_names_what_is_not_wire_format(byte[] bytes, string expected)
    {
        AvroException fault = Assert.Throws<AvroException>(() => new AvroDeserializer<ApiPrice>(_registry).Decode(bytes));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deserializer_that_stops_does_not_wait_for_the_registry()
    {
        await using RegistryStub stub = new(_ => new TaskCompletionSource<(int, string)>().Task);
        using SchemaRegistryClient registry = new(new SchemaRegistryOptions { Url = stub.Url }, TimeProvider.System);
        using CancellationTokenSource stopping = new(TimeSpan.FromMilliseconds(50));
        AvroDeserializer<ApiPrice> deserializer = new(registry, stopping.Token);
        Assert.ThrowsAny<OperationCanceledException>(() => deserializer.Decode([0, 0, 0, 0, 1]));
    }

    [Fact]
    public void Deserializer_names_the_field_that_is_wrong()
    {
        byte[] bytes = new AvroSerializer<ApiPrice>(_registry, Topics.Apis).Serialize(Samples.Quote, Context);
        bytes[5 + 8 + 10 + 3] = 0x7F;
        AvroException fault = Assert.Throws<AvroException>(() => new AvroDeserializer<ApiPrice>(_registry).Decode(bytes));
        Assert.StartsWith("assay.ApiPrice.price: a length of -64 is given where", fault.Message, StringComparison.Ordinal);
    }
}
