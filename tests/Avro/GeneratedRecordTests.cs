using System.Buffers;
using Assay.Avro.Tests.Support;
using Assay.Schemas;

namespace Assay.Avro.Tests;

/// <summary>Records that the generator made of Schemas/*.avsc.</summary>
public sealed class GeneratedRecordTests
{
    [Fact]
    public void Record_of_every_type_comes_back_as_it_was()
    {
        byte[] bytes = AvroRecord.Encode(Everythings.Tree);
        Everything read = AvroRecord.Decode<Everything>(bytes);
        // Lists and maps are compared by reference, so that the bytes tell.
        Assert.Equal(bytes, AvroRecord.Encode(read));
        Assert.Equal(Everythings.Leaf.AtMicros, read.AtMicros);
        Assert.Equal(DateTimeKind.Utc, read.AtMillis.Kind);
        Assert.Equal(DateTimeKind.Unspecified, read.LocalMicros.Kind);
        Assert.Equal(-123456.7891m, read.Amount);
        Assert.Equal(Suit.ClubSuit, read.Suit);
        Assert.Equal(Everythings.Leaf.FixedId, read.FixedId);
        Assert.Equal(new Everything.ChoiceValue.Point(new Point { X = 3, Y = -1 }), read.Choice);
        Assert.Null(read.Children[1].Choice);
        Assert.Equal(["a", "", "c"], read.Tags);
        Assert.Equal(2, read.Next!.Next!.Value);
    }

    [Fact]
    public void Record_is_what_its_schema_says()
    {
        byte[] bytes = AvroRecord.Encode(Everythings.Tree);
        object? value = Datum.Decode(bytes, Everything.Schema);
        Assert.Equal(bytes, Datum.Encode(Everything.Schema, value));
    }

    [Fact]
    public void Planned_reading_gives_the_same_record()
    {
        // A writer with one field more and another order in front of the same fields.
        string json = Everything.Schema.ToString().Replace("\"fields\":[{\"name\":\"nothing\",\"type\":\"null\"}", "\"fields\":[{\"name\":\"extra\",\"type\":[\"null\",\"string\"]},{\"name\":\"nothing\",\"type\":\"null\"}", StringComparison.Ordinal);
        AvroSchema writer = AvroSchema.Parse(json);
        AvroReadPlan plan = AvroReadPlan.Compile(writer, Everything.Schema);
        Assert.False(plan.IsSame);
        object?[] value = (object?[])Datum.Decode(AvroRecord.Encode(Everythings.Leaf), Everything.Schema)!;
        byte[] bytes = Datum.Encode(writer, (object?[])[new Choice(1, "extra"), .. value]);
        Assert.Equal(AvroRecord.Encode(Everythings.Leaf), AvroRecord.Encode(AvroRecord.Decode<Everything>(bytes, plan)));
    }

    [Fact]
    public void Projection_reads_only_its_fields()
    {
        AvroReadPlan plan = AvroReadPlan.Compile(ContractPrice.Schema, ContractMoment.Schema);
        ContractMoment moment = AvroRecord.Decode<ContractMoment>(AvroRecord.Encode(Samples.Answer), plan);
        Assert.Equal((Samples.Answer.Price, Samples.Answer.UpdatedAt), (moment.Price, moment.UpdatedAt));
    }

    [Fact]
    public void Defaults_stand_in_for_what_an_older_writer_did_not_know()
    {
        AvroReadPlan plan = AvroReadPlan.Compile(JustId.Schema, Defaults.Schema);
        Defaults read = AvroRecord.Decode<Defaults>(AvroRecord.Encode(new JustId { Id = 4 }), plan);
        object?[] expected = (object?[])Datum.Decode(AvroRecord.Encode(new JustId { Id = 4 }), plan)!;
        Assert.Equal(Datum.Encode(Defaults.Schema, expected), AvroRecord.Encode(read));
    }

    [Fact]
    public void Defaults_are_those_of_the_schema()
    {
        Defaults defaults = new() { Id = 0 };
        Assert.True(defaults.Flag);
        Assert.Equal(9007199254740993, defaults.Large);
        Assert.Equal("a \"b\"\n\\ é", defaults.Text);
        Assert.Equal(State.Off, defaults.State);
        Assert.Equal(-2.00m, defaults.Amount);
        Assert.Equal(new Guid("00112233-4455-6677-8899-aabbccddeeff"), defaults.Uuid);
        Assert.Equal(new DateOnly(1970, 1, 2), defaults.Day);
        Assert.Equal(new TimeOnly(0, 0, 1), defaults.Time);
        Assert.Equal(Samples.Answer.UpdatedAt, defaults.At);
        Assert.Equal(new DateTime(1969, 12, 31, 23, 59, 59), defaults.Local);
        Assert.Equal([1, null], defaults.List);
        Assert.Equal("b", defaults.Map["a"]);
        Assert.Equal(5, defaults.Surely);
        Assert.Equal(new Defaults.ChoiceValue.String("either"), defaults.Choice);
        Assert.Equal(new Part { Given = 1, Own = "own" }, defaults.Part);
    }

    [Fact]
    public void Recursion_without_end_is_refused_when_writing()
    {
        Link link = new() { Value = 0, Next = null };
        for (int i = 0; i < AvroReader.MaximumDepth; i++)
            link = new Link { Value = i, Next = link };
        AvroException fault = Assert.Throws<AvroException>(() => AvroRecord.Encode(link));
        Assert.Contains("nested deeper than 256", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Recursion_without_end_is_refused_when_reading()
    {
        // 02 = the value 1, 02 = there is a further link.
        byte[] bytes = [.. Enumerable.Repeat((byte)2, 100_000)];
        AvroException fault = Assert.Throws<AvroException>(() => AvroRecord.Decode<Link>(bytes));
        Assert.Contains("nested deeper than 256", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.1234567890123456789", "assay.ContractPrice.price: The number 1.1234567890123456789 does not fit a decimal of 38 digits, 18 of them after the point.")]
    public void Fault_in_writing_names_the_field(string price, string expected)
    {
        decimal value = decimal.Parse(price, System.Globalization.CultureInfo.InvariantCulture);
        AvroException fault = Assert.Throws<AvroException>(() => AvroRecord.Encode(Samples.Answer with { Price = value }));
        Assert.Equal(expected, fault.Message);
    }

    [Fact]
    public void Time_that_is_not_utc_is_refused_by_name()
    {
        AvroException fault = Assert.Throws<AvroException>(() => AvroRecord.Encode(Samples.Quote with { QuotedAt = new DateTime(2023, 1, 1) }));
        Assert.StartsWith("assay.ApiPrice.quoted_at: The time 2023-01-01T00:00:00.0000000 is of the kind Unspecified", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_where_the_schema_has_none_is_refused_by_name()
    {
        AvroException fault = Assert.Throws<AvroException>(() => AvroRecord.Encode(Samples.Quote with { Source = null! }));
        Assert.StartsWith("assay.ApiPrice.source: Null was given", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fault_in_reading_names_the_path()
    {
        // The last child's last tag gets a length beyond the end.
        byte[] bytes = AvroRecord.Encode(Everythings.Tree);
        int last = bytes.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[2, (byte)'c', 0]);
        bytes[last] = 0x7E;
        bytes[last + 1] = 0xFE;
        AvroException fault = Assert.Throws<AvroException>(() => AvroRecord.Decode<Everything>(bytes));
        Assert.StartsWith("assay.test.Everything.children[1].", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_after_the_record_are_a_fault()
    {
        AvroException fault = Assert.Throws<AvroException>(() => AvroRecord.Decode<ApiPrice>([.. AvroRecord.Encode(Samples.Quote), 0]));
        Assert.StartsWith("assay.ApiPrice: 1 bytes are left over", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decoding_allocates_the_record_and_its_strings_alone()
    {
        byte[] bytes = AvroRecord.Encode(Samples.Answer);
        AvroStringCache strings = new();
        AvroRecord.Decode<ContractPrice>(bytes, strings);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ContractPrice read = AvroRecord.Decode<ContractPrice>(bytes, strings);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        int own = new[] { read.RoundId, read.Answer, read.BlockHash, read.TransactionHash }.Sum(text => 22 + ((text.Length + 1) * 2) + 7);
        Assert.InRange(allocated, 1, own + 200);
    }

    [Fact]
    public void Encoding_allocates_nothing()
    {
        ArrayBufferWriter<byte> output = new(4096);
        AvroRecord.Encode(Samples.Answer, output);
        output.ResetWrittenCount();
        long before = GC.GetAllocatedBytesForCurrentThread();
        AvroRecord.Encode(Samples.Answer, output);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Projection_allocates_its_record_alone()
    {
        byte[] bytes = AvroRecord.Encode(Samples.Answer);
        AvroReadPlan plan = AvroReadPlan.Compile(ContractPrice.Schema, ContractMoment.Schema);
        AvroRecord.Decode<ContractMoment>(bytes, plan);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AvroRecord.Decode<ContractMoment>(bytes, plan);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 64);
    }
}
