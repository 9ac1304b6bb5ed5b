using System.Text;
using Assay.Avro.Registry;
using Assay.Avro.Tests.Support;

namespace Assay.Avro.Tests;

/// <summary>The client against a server over TCP.</summary>
public sealed class SchemaRegistryClientTests
{
    private const string IntAnswer = """{"schema":"\"int\""}""";

    private static readonly AvroSchema Int = AvroSchema.Parse("\"int\"");

    [Fact]
    public async Task Schema_of_an_id_is_asked_for_once_however_many_want_it()
    {
        TaskCompletionSource release = new();
        await using RegistryStub stub = new(async _ =>
        {
            await release.Task;
            return (200, IntAnswer);
        });
        using SchemaRegistryClient client = Client(stub);
        List<Task<AvroSchema>> wanted = [.. Enumerable.Range(0, 20).Select(_ => client.GetSchemaAsync(7, Cancellation))];
        release.SetResult();
        AvroSchema[] schemas = await Task.WhenAll(wanted);
        Assert.All(schemas, schema => Assert.Same(schemas[0], schema));
        Assert.Equal(["GET /schemas/ids/7"], stub.Requests);
    }

    [Fact]
    public async Task Schema_is_registered_once_for_each_subject()
    {
        await using RegistryStub stub = RegistryStub.Answering(200, """{"id":3}""");
        using SchemaRegistryClient client = Client(stub);
        Assert.Equal(3, await client.RegisterSchemaAsync("a/b-value", Int, Cancellation));
        Assert.Equal(3, await client.RegisterSchemaAsync("a/b-value", Int, Cancellation));
        Assert.Equal(3, await client.RegisterSchemaAsync("c-value", Int, Cancellation));
        Assert.Equal(["POST /subjects/a%2Fb-value/versions", "POST /subjects/c-value/versions"], stub.Requests);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task Server_that_is_in_trouble_is_asked_again(int status)
    {
        int asked = 0;
        await using RegistryStub stub = new(_ => Task.FromResult(Interlocked.Increment(ref asked) < 3 ? (status, "trouble") : (200, IntAnswer)));
        using SchemaRegistryClient client = Client(stub);
        Assert.Equal(AvroType.Int, (await client.GetSchemaAsync(1, Cancellation)).Type);
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task Server_that_is_not_there_yet_is_waited_for()
    {
        int port = FreePort.Next();
        using SchemaRegistryClient client = Client(new Uri($"http://127.0.0.1:{port}"), attempts: 10);
        Task<AvroSchema> schema = client.GetSchemaAsync(1, Cancellation);
        await using RegistryStub stub = new(_ => Task.FromResult((200, IntAnswer)), port);
        Assert.Equal(AvroType.Int, (await schema).Type);
    }

    [Fact]
    public async Task Server_that_never_is_there_is_told_in_a_sentence()
    {
        using SchemaRegistryClient client = Client(new Uri($"http://127.0.0.1:{FreePort.Next()}"), attempts: 2);
        SchemaRegistryException failure = await Assert.ThrowsAsync<SchemaRegistryException>(() => client.GetSchemaAsync(1, Cancellation));
        Assert.True(failure.IsTransient);
        Assert.StartsWith("The schema registry at http://127.0.0.1:", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_that_is_reset_as_it_is_made_is_told_in_a_sentence()
    {
        await using TcpRelay relay = new(target: 1);
        relay.Cut();
        using SchemaRegistryClient client = Client(new Uri($"http://127.0.0.1:{relay.Port}"), attempts: 1);
        // Whether the client still finds the peer's address is a race: many attempts.
        for (int attempt = 0; attempt < 500; attempt++)
            Assert.True((await Assert.ThrowsAsync<SchemaRegistryException>(() => client.GetSchemaAsync(1, Cancellation))).IsTransient);
    }

    [Fact]
    public async Task Server_that_does_not_answer_is_given_up()
    {
        await using RegistryStub stub = new(_ => new TaskCompletionSource<(int, string)>().Task);
        using SchemaRegistryClient client = new(
            new SchemaRegistryOptions { Url = stub.Url, Attempts = 2, RequestTimeout = TimeSpan.FromMilliseconds(100) }, TimeProvider.System);
        SchemaRegistryException failure = await Assert.ThrowsAsync<SchemaRegistryException>(() => client.GetSchemaAsync(1, Cancellation));
        Assert.Contains("gave no answer within 0.1 s", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, stub.Requests.Count);
    }

    [Fact]
    public async Task Caller_that_cancels_does_not_wait()
    {
        await using RegistryStub stub = new(_ => new TaskCompletionSource<(int, string)>().Task);
        using SchemaRegistryClient client = Client(stub);
        using CancellationTokenSource cancel = new(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetSchemaAsync(1, cancel.Token));
    }

    [Fact]
    public async Task Failure_is_not_remembered()
    {
        int asked = 0;
        await using RegistryStub stub = new(_ => Task.FromResult(Interlocked.Increment(ref asked) == 1 ? (404, """{"error_code":40403,"message":"Schema not found"}""") : (200, IntAnswer)));
        using SchemaRegistryClient client = Client(stub);
        AvroException missing = await Assert.ThrowsAsync<AvroException>(() => client.GetSchemaAsync(1, Cancellation));
        Assert.Equal("The registry has no schema of the id 1.", missing.Message);
        Assert.Equal(AvroType.Int, (await client.GetSchemaAsync(1, Cancellation)).Type);
    }

    [Theory]
    [InlineData("""{"schema":"message M {}","schemaType":"PROTOBUF"}""", "is one of PROTOBUF, not of Avro")]
    [InlineData("""{"schema":"\"integer\""}""", "there is no type named")]
    public async Task Schema_that_is_not_Avro_is_undecodable(string answer, string expected)
    {
        await using RegistryStub stub = RegistryStub.Answering(200, answer);
        using SchemaRegistryClient client = Client(stub);
        AvroException fault = await Assert.ThrowsAsync<AvroException>(() => client.GetSchemaAsync(1, Cancellation));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "<html>", "gave an answer that is not JSON", 0)]
    [InlineData(200, "{}", "gave an answer without \"schema\"", 0)]
    [InlineData(200, "[]", "gave an answer without \"schema\"", 0)]
    [InlineData(404, "<html>", "refused: error 404.", 404)]
    [InlineData(409, """{"error_code":409,"message":"incompatible"}""", "refused: error 409, incompatible.", 409)]
    [InlineData(422, """{"error_code":42201,"message":"Invalid schema"}""", "refused: error 42201, Invalid schema.", 42201)]
    [InlineData(401, """{"error_code":401,"message":"Unauthorized"}""", "look at the registry's user and password", 401)]
    public async Task Refusal_is_told_in_a_sentence_and_not_repeated(int status, string answer, string expected, int code)
    {
        await using RegistryStub stub = RegistryStub.Answering(status, answer);
        using SchemaRegistryClient client = Client(stub);
        SchemaRegistryException refusal = await Assert.ThrowsAsync<SchemaRegistryException>(() => client.GetSchemaAsync(1, Cancellation));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        Assert.Equal((code, false), (refusal.ErrorCode, refusal.IsTransient));
        Assert.Single(stub.Requests);
    }

    [Fact]
    public async Task Credentials_are_sent_and_never_told()
    {
        await using RegistryStub stub = RegistryStub.Answering(403, "");
        SchemaRegistryOptions options = new() { Url = new Uri($"http://from-url:hidden@127.0.0.1:{stub.Url.Port}/") };
        foreach (SchemaRegistryOptions one in new[] { options, options with { User = "ann", Password = "s€cret" } })
        {
            using SchemaRegistryClient client = new(one, TimeProvider.System);
            SchemaRegistryException refusal = await Assert.ThrowsAsync<SchemaRegistryException>(() => client.GetSchemaAsync(1, Cancellation));
            Assert.DoesNotContain("hidden", refusal.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("s€cret", refusal.ToString(), StringComparison.Ordinal);
        }
        Assert.Equal(["Basic " + Base64("from-url:hidden"), "Basic " + Base64("ann:s€cret")], stub.Authorizations);
    }

    [Fact]
    public async Task Latest_version_is_told_whole()
    {
        await using RegistryStub stub = RegistryStub.Answering(200, """{"subject":"s-value","version":2,"id":5,"schema":"\"int\""}""");
        using SchemaRegistryClient client = Client(stub);
        RegisteredSchema latest = await client.GetLatestSchemaAsync("s-value", Cancellation);
        Assert.Equal(("s-value", 2, 5, AvroType.Int), (latest.Subject, latest.Version, latest.Id, latest.Schema.Type));
        Assert.Equal(["GET /subjects/s-value/versions/latest"], stub.Requests);
    }

    [Theory]
    [InlineData(200, """{"subject":"s","version":1,"id":5,"schema":"\"int\""}""", true)]
    [InlineData(404, """{"error_code":40401,"message":"Subject not found"}""", false)]
    [InlineData(404, """{"error_code":40403,"message":"Schema not found"}""", false)]
    public async Task Lookup_tells_whether_a_schema_is_registered(int status, string answer, bool found)
    {
        await using RegistryStub stub = RegistryStub.Answering(status, answer);
        using SchemaRegistryClient client = Client(stub);
        Assert.Equal(found, await client.LookupSchemaAsync("s", Int, Cancellation) is { Id: 5 });
        Assert.Equal(["POST /subjects/s"], stub.Requests);
    }

    [Theory]
    [InlineData(200, """{"is_compatible":true}""", true)]
    [InlineData(200, """{"is_compatible":false}""", false)]
    [InlineData(404, """{"error_code":40401,"message":"Subject not found"}""", true)]
    public async Task Compatibility_is_asked_of_the_latest_version(int status, string answer, bool compatible)
    {
        await using RegistryStub stub = RegistryStub.Answering(status, answer);
        using SchemaRegistryClient client = Client(stub);
        Assert.Equal(compatible, await client.IsCompatibleAsync("s", Int, Cancellation));
        Assert.Equal(["POST /compatibility/subjects/s/versions/latest"], stub.Requests);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static SchemaRegistryClient Client(RegistryStub stub) => Client(stub.Url, SchemaRegistryOptions.DefaultAttempts);

    private static SchemaRegistryClient Client(Uri url, int attempts) => new(new SchemaRegistryOptions { Url = url, Attempts = attempts }, TimeProvider.System);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
