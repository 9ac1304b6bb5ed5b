using System.Reflection;
using Assay.Broker.Internal.Requests;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Tests.Wire;

/// <summary>Every message in every version: what is written is read again, and nothing that is cut short or hostile does more than throw a <see cref="WireException"/>.</summary>
public sealed class MessageTests
{
    public static TheoryData<string> Messages => [.. Types().Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_written_in_any_version_reads_as_the_same_bytes(string name)
    {
        int seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"{name}: seed {seed}");
        Random random = new(seed);
        foreach ((short version, bool flexible) in Versions(name))
        {
            IMessage message = (IMessage)Fill(Types().Single(type => type.Name == name), random, 0);
            byte[] written = WireWriter.ToArray(message, version, flexible);
            IMessage read = New(name);
            WireReader reader = new(written, version, flexible);
            read.Visit(reader);

            Assert.True(reader.Remaining == 0, $"{name} v{version}: {reader.Remaining} bytes left, seed {seed}");
            Assert.True(written.AsSpan().SequenceEqual(WireWriter.ToArray(read, version, flexible)), $"{name} v{version} reads otherwise, seed {seed}");
        }
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_cut_short_or_damaged_is_refused_and_nothing_else(string name)
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        foreach ((short version, bool flexible) in Versions(name))
        {
            byte[] written = WireWriter.ToArray((IMessage)Fill(Types().Single(type => type.Name == name), random, 0), version, flexible);
            for (int length = 0; length < written.Length; length += 1 + written.Length / 50)
                Assert.Throws<WireException>(() => New(name).Visit(new WireReader(written.AsMemory(0, length), version, flexible)));
            for (int round = 0; round < 20 && written.Length > 0; round++)
            {
                byte[] damaged = [.. written];
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                Exception? thrown = Record.Exception(() => New(name).Visit(new WireReader(damaged, version, flexible)));
                Assert.True(thrown is null or WireException, $"{name} v{version}: {thrown}, seed {seed}");
            }
        }
    }

    [Fact]
    public void Array_count_larger_than_the_frame_is_refused_before_anything_is_allocated()
    {
        byte[] count = [0x7f, 0xff, 0xff, 0xff];
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<WireException>(() => WireReader.Read<Internal.Messages.DescribeGroupsRequest>(count, 0, flexible: false));

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    private static IEnumerable<Type> Types() => typeof(IMessage).Assembly.GetTypes()
        .Where(type => type.Namespace == "Assay.Broker.Internal.Messages" && !type.IsNested && (type.Name.EndsWith("Request", StringComparison.Ordinal) || type.Name.EndsWith("Response", StringComparison.Ordinal)));

    private static IMessage New(string name) => (IMessage)Activator.CreateInstance(Types().Single(type => type.Name == name))!;

    private static IEnumerable<(short Version, bool Flexible)> Versions(string name)
    {
        string api = name.Replace("Request", "", StringComparison.Ordinal).Replace("Response", "", StringComparison.Ordinal);
        RequestHandler handler = RequestTable.All.Single(each => each.Name == api);
        for (short version = handler.Lowest; version <= handler.Highest; version++)
            yield return (version, handler.IsFlexible(version));
    }

    private static object Fill(Type type, Random random, int depth)
    {
        object message = Activator.CreateInstance(type)!;
        foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.Instance))
            field.SetValue(message, Value(field.FieldType, random, depth));
        return message;
    }

    private static object Value(Type type, Random random, int depth)
    {
        if (type.IsArray && type != typeof(byte[]))
        {
            Array array = Array.CreateInstance(type.GetElementType()!, random.Next(depth > 2 ? 1 : 4));
            for (int index = 0; index < array.Length; index++)
                array.SetValue(Value(type.GetElementType()!, random, depth + 1), index);
            return array;
        }
        byte[] bytes = new byte[random.Next(40)];
        random.NextBytes(bytes);
        return type switch
        {
            _ when type == typeof(string) => Convert.ToBase64String(bytes),
            _ when type == typeof(byte[]) => bytes,
            _ when type == typeof(ReadOnlyMemory<byte>?) => (ReadOnlyMemory<byte>?)new byte[random.Next(3000)],
            _ when type == typeof(bool) => random.Next(2) == 1,
            _ when type == typeof(sbyte) => (sbyte)random.Next(-128, 128),
            _ when type == typeof(short) => (short)random.Next(),
            _ when type == typeof(int) => random.Next(int.MinValue, int.MaxValue),
            _ when type == typeof(long) => random.NextInt64(long.MinValue, long.MaxValue),
            _ when type == typeof(Guid) => Guid.NewGuid(),
            _ when type == typeof(KafkaError) => (KafkaError)(short)random.Next(100),
            _ => Fill(type, random, depth + 1),
        };
    }
}
