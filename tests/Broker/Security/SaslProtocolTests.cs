using System.Buffers.Binary;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;
using Assay.Broker.Tests.Support;

namespace Assay.Broker.Tests.Security;

/// <summary>Authentication request by request, as Apache Kafka has it.</summary>
public abstract class SaslProtocolTests(IScramBroker broker)
{
    private const short Metadata = 3;
    private const short SaslHandshake = 17;
    private const short ApiVersions = 18;
    private const short SaslAuthenticate = 36;
    private const string Scram = "SCRAM-SHA-512";

    [Fact]
    public async Task Request_before_authentication_closes_the_connection_without_an_answer()
    {
        using RawClient client = await RawClient.ConnectAsync(broker.Bootstrap);

        await client.SendAsync(Metadata, 9, new MetadataRequest());

        Assert.Null(await client.ReceiveAsync());
    }

    [Fact]
    public async Task Versions_are_told_before_authentication()
    {
        using RawClient client = await RawClient.ConnectAsync(broker.Bootstrap);

        ApiVersionsResponse response = await client.AskAsync<ApiVersionsResponse>(ApiVersions, 3, new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1" });

        Assert.Contains(response.ApiKeys, range => range is { ApiKey: SaslHandshake, MinVersion: 0, MaxVersion: 1 });
        Assert.Contains(response.ApiKeys, range => range is { ApiKey: SaslAuthenticate, MinVersion: 0, MaxVersion: 2 });
    }

    [Fact]
    public async Task Mechanism_that_is_not_there_is_answered_with_those_that_are_and_the_connection_closed()
    {
        using RawClient client = await RawClient.ConnectAsync(broker.Bootstrap);

        SaslHandshakeResponse response = await HandshakeAsync(client, "GSSAPI");

        Assert.Equal(KafkaError.UnsupportedSaslMechanism, response.ErrorCode);
        Assert.Equal([Scram], response.Mechanisms);
        Assert.Null(await client.ReceiveAsync());
    }

    [Theory]
    [InlineData("alice", "wrong")]
    [InlineData("nobody", "secret")]
    public async Task Wrong_user_or_password_is_refused_and_the_connection_closed(string user, string password)
    {
        using RawClient client = await RawClient.ConnectAsync(broker.Bootstrap);
        await HandshakeAsync(client, Scram);
        ScramProof proof = new(user, password);

        SaslAuthenticateResponse response = await TokenAsync(client, proof.First);
        // Apache Kafka says at once that there is no such user.
        if (response.ErrorCode == KafkaError.None)
            response = await TokenAsync(client, proof.Final(response.AuthBytes).Message);

        Assert.Equal(KafkaError.SaslAuthenticationFailed, response.ErrorCode);
        Assert.Empty(response.AuthBytes);
        Assert.Null(await client.ReceiveAsync());
    }

    [Fact]
    public async Task Token_that_is_none_is_refused_and_the_connection_closed()
    {
        using RawClient client = await RawClient.ConnectAsync(broker.Bootstrap);
        await HandshakeAsync(client, Scram);

        SaslAuthenticateResponse response = await TokenAsync(client, [0xff, 0x00, 0x7f]);

        Assert.Equal(KafkaError.SaslAuthenticationFailed, response.ErrorCode);
        Assert.Null(await client.ReceiveAsync());
    }

    [Fact]
    public async Task Authenticated_client_may_ask_and_is_told_that_a_session_without_end_is_not_renewed()
    {
        using RawClient client = await RawClient.ConnectAsync(broker.Bootstrap);
        await HandshakeAsync(client, Scram);
        ScramProof proof = new(IScramBroker.User, IScramBroker.Password);
        (byte[] message, byte[] expected) = proof.Final((await TokenAsync(client, proof.First)).AuthBytes);

        SaslAuthenticateResponse done = await TokenAsync(client, message);
        SaslAuthenticateResponse tokenAgain = await TokenAsync(client, proof.First);
        SaslHandshakeResponse handshakeAgain = await HandshakeAsync(client, Scram);
        MetadataResponse metadata = await client.AskAsync<MetadataResponse>(Metadata, 9, new MetadataRequest { Topics = [] });

        Assert.Equal((KafkaError.None, 0L), (done.ErrorCode, done.SessionLifetimeMs));
        Assert.Equal(expected, done.AuthBytes);
        Assert.Equal(KafkaError.IllegalSaslState, tokenAgain.ErrorCode);
        Assert.Equal(KafkaError.IllegalSaslState, handshakeAgain.ErrorCode);
        Assert.Single(metadata.Brokers);
    }

    [Fact]
    public async Task Old_handshake_is_followed_by_bare_tokens()
    {
        using RawClient client = await RawClient.ConnectAsync(broker.Bootstrap);
        await HandshakeAsync(client, Scram, version: 0);
        ScramProof proof = new(IScramBroker.User, IScramBroker.Password);

        (byte[] message, byte[] expected) = proof.Final(await BareAsync(client, proof.First));

        Assert.Equal(expected, await BareAsync(client, message));
        Assert.Single((await client.AskAsync<MetadataResponse>(Metadata, 9, new MetadataRequest { Topics = [] })).Brokers);
    }

    [Fact]
    public async Task Token_before_the_handshake_closes_the_connection()
    {
        using RawClient client = await RawClient.ConnectAsync(broker.Bootstrap);

        await client.SendAsync(SaslAuthenticate, 2, new SaslAuthenticateRequest { AuthBytes = new ScramProof("alice", "secret").First });

        Assert.Null(await client.ReceiveAsync());
    }

    [Fact]
    public async Task Large_frame_before_authentication_closes_the_connection()
    {
        using RawClient client = await RawClient.ConnectAsync(broker.Bootstrap);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, 1024 * 1024);

        await client.SendBytesAsync(length);

        Assert.Null(await client.ReceiveAsync());
    }

    private static Task<SaslHandshakeResponse> HandshakeAsync(RawClient client, string mechanism, short version = 1) =>
        client.AskAsync<SaslHandshakeResponse>(SaslHandshake, version, new SaslHandshakeRequest { Mechanism = mechanism });

    private static Task<SaslAuthenticateResponse> TokenAsync(RawClient client, byte[] token) =>
        client.AskAsync<SaslAuthenticateResponse>(SaslAuthenticate, 2, new SaslAuthenticateRequest { AuthBytes = token });

    private static async Task<byte[]> BareAsync(RawClient client, byte[] token)
    {
        byte[] frame = new byte[4 + token.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, token.Length);
        token.CopyTo(frame, 4);
        await client.SendBytesAsync(frame);
        return await client.ReceiveAsync() ?? throw new IOException("The broker closed the connection.");
    }
}

/// <inheritdoc/>
public sealed class SaslProtocolOnAssayTests(AssayScramBroker broker) : SaslProtocolTests(broker), IClassFixture<AssayScramBroker>;

/// <inheritdoc/>
public sealed class SaslProtocolOnApacheKafkaTests(ApacheScramBroker broker) : SaslProtocolTests(broker), IClassFixture<ApacheScramBroker>;
