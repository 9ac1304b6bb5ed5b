using System.Text.Json;
using Assay.Avro.Tests.Support;
using Assay.Schemas;

namespace Assay.Avro.Tests;

/// <summary>Bytes and texts that were changed at random: they are read, or refused by an AvroException, and neither takes much memory.</summary>
public sealed class FuzzTests
{
    private const int Rounds = 5_000;

    private static readonly int Seed = Random.Shared.Next();

    [Fact]
    public void Changed_records_are_read_or_refused()
    {
        Fuzz(AvroRecord.Encode(Everythings.Tree), data => AvroRecord.Decode<Everything>(data), data => Show(data, Everything.Schema));
    }

    [Fact]
    public void Changed_records_of_another_schema_are_read_or_refused()
    {
        AvroReadPlan plan = AvroReadPlan.Compile(ContractPrice.Schema, ContractMoment.Schema);
        Fuzz(AvroRecord.Encode(Samples.Answer), data => AvroRecord.Decode<ContractMoment>(data, plan));
    }

    [Fact]
    public void Changed_values_of_random_schemas_are_read_or_refused()
    {
        for (int i = 0; i < 100; i++)
        {
            RandomData random = new(Seed + i);
            AvroSchema schema = AvroSchema.Parse(random.Schema().ToJsonString());
            AvroReadPlan plan = AvroReadPlan.Compile(schema, schema);
            Fuzz(Datum.Encode(schema, random.Value(schema)), Rounds / 100, data => Datum.Decode(data, plan), data => Show(data, schema));
        }
    }

    [Fact]
    public void Random_bytes_are_read_or_refused()
    {
        byte[] noise = new byte[2_000];
        new Random(Seed).NextBytes(noise);
        Fuzz(noise, 2_000, data => AvroRecord.Decode<Everything>(data), data => Show(data, Everything.Schema));
    }

    [Fact]
    public void Changed_schemas_are_parsed_or_refused()
    {
        string text = Everything.Schema.ToString();
        Random random = new(Seed);
        for (int i = 0; i < Rounds; i++)
        {
            char[] changed = text.ToCharArray();
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                changed[random.Next(changed.Length)] = "{}[]\",:\\u0-1a.e "[random.Next(16)];
            Tolerate(() => AvroSchema.Parse(new string(changed)), $"seed {Seed}, round {i}");
        }
    }

    private static void Fuzz(byte[] valid, params Action<byte[]>[] readers) => Fuzz(valid, Rounds, readers);

    private static void Fuzz(byte[] valid, int rounds, params Action<byte[]>[] readers)
    {
        Random random = new(Seed);
        // Lists and strings take a multiple of their bytes; empty items and an exception's trace a constant.
        long bound = 4_000_000 + (200L * valid.Length);
        for (int i = 0; i < rounds; i++)
        {
            byte[] data = Change(valid, random);
            foreach (Action<byte[]> read in readers)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Tolerate(() => read(data), $"seed {Seed}, round {i}, {Convert.ToHexString(data)}");
                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.True(allocated < bound, $"seed {Seed}, round {i}: {allocated} bytes were allocated for {data.Length}");
            }
        }
    }

    private static byte[] Change(byte[] valid, Random random)
    {
        byte[] data = random.Next(4) == 0 ? valid[..random.Next(valid.Length + 1)] : [.. valid];
        for (int changes = random.Next(4); changes > 0 && data.Length > 0; changes--)
        {
            int at = random.Next(data.Length);
            data[at] = random.Next(3) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)(data[at] ^ (1 << random.Next(8))),
                _ => 0xFF,
            };
        }
        return data;
    }

    private static void Tolerate(Action action, string what)
    {
        try
        {
            action();
        }
        catch (AvroException)
        {
            // Refused, as it should be.
        }
        catch (Exception unexpected)
        {
            Assert.Fail($"{what}: {unexpected}");
        }
    }

    private static void Show(byte[] data, AvroSchema schema)
    {
        using Utf8JsonWriter writer = new(Stream.Null);
        AvroJson.Write(data, schema, writer);
    }
}
