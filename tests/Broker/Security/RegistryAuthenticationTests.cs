using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Assay.Avro.Registry;

namespace Assay.Broker.Tests.Security;

/// <summary>The registry asks the broker's users for their passwords, and speaks HTTPS where there is a certificate.</summary>
public sealed class RegistryAuthenticationTests(SecuredBrokers brokers) : IClassFixture<SecuredBrokers>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("Basic")]
    [InlineData("Basic not-base-64")]
    [InlineData("Bearer YWxpY2U6c2VjcmV0")]
    [InlineData("Basic YWxpY2U=")]
    [InlineData("Basic YWxpY2U6d3Jvbmc=")]
    [InlineData("Basic bm9ib2R5Ond5b25n")]
    public async Task Request_without_a_users_password_is_unauthorized_and_changes_nothing(string? authorization)
    {
        using HttpClient client = new() { BaseAddress = brokers.Bare.RegistryUrl };
        using HttpRequestMessage request = new(HttpMethod.Post, "subjects/intruder/versions") { Content = new StringContent("""{"schema":"\"string\""}""") };
        request.Headers.TryAddWithoutValidation("Authorization", authorization);

        using HttpResponseMessage response = await client.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Basic", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
        Assert.Equal("""{"error_code":401,"message":"Unauthorized"}""", await response.Content.ReadAsStringAsync(Ct));
        using HttpRequestMessage list = new(HttpMethod.Get, "subjects");
        list.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{SecuredBrokers.User}:{SecuredBrokers.Password}")));
        Assert.DoesNotContain("intruder", await (await client.SendAsync(list, Ct)).Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_client_registers_over_https_with_a_users_password()
    {
        using SchemaRegistryClient client = new(Options, TimeProvider.System);

        int id = await client.RegisterSchemaAsync("secured-value", Avro.AvroSchema.Parse("\"string\""), Ct);

        Assert.StartsWith("https://", brokers.Encrypted.RegistryUrl!.ToString(), StringComparison.Ordinal);
        Assert.Equal("\"string\"", (await client.GetSchemaAsync(id, Ct)).ToString());
    }

    [Fact]
    public async Task Our_client_says_that_its_password_is_wrong()
    {
        using SchemaRegistryClient client = new(Options with { Password = "wrong" }, TimeProvider.System);

        SchemaRegistryException refusal = await Assert.ThrowsAsync<SchemaRegistryException>(() => client.RegisterSchemaAsync("secured-value", Avro.AvroSchema.Parse("\"string\""), Ct));

        Assert.Contains("look at the registry's user and password", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_client_does_not_trust_an_authority_that_it_was_not_given()
    {
        using SchemaRegistryClient client = new(Options with { CertificateAuthority = null, Attempts = 1 }, TimeProvider.System);

        SchemaRegistryException refusal = await Assert.ThrowsAsync<SchemaRegistryException>(() => client.GetSchemaAsync(1, Ct));

        Assert.Contains("SSL", refusal.Message, StringComparison.Ordinal);
    }

    private SchemaRegistryOptions Options => new()
    {
        Url = brokers.Encrypted.RegistryUrl!, User = SecuredBrokers.User, Password = SecuredBrokers.Password, CertificateAuthority = brokers.Certificates.Authority,
    };
}
