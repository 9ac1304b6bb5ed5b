using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Assay.Broker.Tests.Support;

/// <summary>The registry's REST API as any HTTP client sees it.</summary>
internal sealed class RegistryHttp(Uri url) : IDisposable
{
    private const string ContentType = "application/vnd.schemaregistry.v1+json";
    private readonly HttpClient _http = new() { BaseAddress = url };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The body that carries a schema, and references as (name, subject, version).</summary>
    public static string Body(string schema, params IEnumerable<(string Name, string Subject, int Version)> references)
    {
        JsonObject body = new() { ["schema"] = schema };
        JsonArray list = new([.. references.Select(reference =>
            new JsonObject { ["name"] = reference.Name, ["subject"] = reference.Subject, ["version"] = reference.Version })]);
        if (list.Count > 0)
            body["references"] = list;
        return body.ToJsonString();
    }

    public Task<string> Get(string path) => Send(HttpMethod.Get, path);

    public Task<string> Post(string path, string schema) => Send(HttpMethod.Post, path, Body(schema));

    public Task<string> Put(string path, string body) => Send(HttpMethod.Put, path, body);

    public Task<string> Delete(string path) => Send(HttpMethod.Delete, path);

    /// <summary>The answer's JSON; fails the test where it is an error.</summary>
    public async Task<string> Send(HttpMethod method, string path, string? body = null)
    {
        (HttpStatusCode status, string text, string? type) = await AskAsync(method, path, body);
        Assert.True(status == HttpStatusCode.OK, text);
        Assert.Equal(ContentType, type);
        return text;
    }

    /// <summary>Expects an error; gives its sentence.</summary>
    public async Task<string> Refused(int status, int code, HttpMethod method, string path, string? body = null)
    {
        (HttpStatusCode answered, string text, string? type) = await AskAsync(method, path, body);
        JsonNode error = JsonNode.Parse(text)!;
        Assert.True((status, code) == ((int)answered, error["error_code"]?.GetValue<int>()), $"{method} {path} {body}: {(int)answered} {text}");
        Assert.Equal(ContentType, type);
        return error["message"]!.GetValue<string>();
    }

    public async Task<(HttpStatusCode Status, string Text, string? ContentType)> AskAsync(
        HttpMethod method, string path, string? body = null, string contentType = ContentType, string? accept = null)
    {
        using HttpRequestMessage request = new(method, new Uri(path, UriKind.Relative));
        if (body is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = contentType.Length > 0 ? MediaTypeHeaderValue.Parse(contentType) : null } };
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        using HttpResponseMessage response = await _http.SendAsync(request, Ct);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Ct), response.Content.Headers.ContentType?.MediaType);
    }

    public void Dispose() => _http.Dispose();
}
