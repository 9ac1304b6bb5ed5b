using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Assay.Avro.Registry;

namespace Assay.Avro.Internal;

/// <summary>Requests to a schema registry: time-outs, retries, and errors as sentences.</summary>
internal sealed class RegistryHttp : IDisposable
{
    private const string ContentType = "application/vnd.schemaregistry.v1+json";
    private const int LargestAnswer = 16 * 1024 * 1024;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);

    private readonly SchemaRegistryOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    public RegistryHttp(SchemaRegistryOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        // The lifetime of a pooled connection bounds how long a changed address goes unnoticed.
        SocketsHttpHandler handler = new() { ConnectTimeout = options.RequestTimeout, PooledConnectionLifetime = TimeSpan.FromMinutes(2) };
        if (options.CertificateAuthority is not null)
            handler.SslOptions.CertificateChainPolicy = Trust(options.CertificateAuthority);
        _client = new HttpClient(handler)
        {
            BaseAddress = new Uri(options.ToString() + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = LargestAnswer,
        };
        _client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue(ContentType));
        string credentials = options.User is null ? Uri.UnescapeDataString(options.Url.UserInfo) : $"{options.User}:{options.Password}";
        if (credentials.Length > 0)
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
    }

    public Task<JsonDocument> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Posts <c>{"schema": …}</c>.</summary>
    public Task<JsonDocument> PostAsync(string path, string schema, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> body = new();
        using (Utf8JsonWriter writer = new(body))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", schema);
            writer.WriteEndObject();
        }
        return SendAsync(HttpMethod.Post, path, body.WrittenSpan.ToArray(), cancellationToken);
    }

    /// <summary>A text that the answer must have.</summary>
    public string Text(JsonDocument answer, string name) => Member(answer, name, JsonValueKind.String)?.GetString() ?? throw Missing(name);

    /// <summary>A number that the answer must have.</summary>
    public int Number(JsonDocument answer, string name) =>
        Member(answer, name, JsonValueKind.Number) is { } number && number.TryGetInt32(out int value) ? value : throw Missing(name);

    /// <summary>A member of that kind, or null.</summary>
    public static JsonElement? Member(JsonDocument answer, string name, JsonValueKind kind) =>
        answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind == kind
            ? value
            : null;

    public void Dispose() => _client.Dispose();

    private async Task<JsonDocument> SendAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await SendOnceAsync(method, path, body, cancellationToken);
            }
            catch (SchemaRegistryException failure) when (failure.IsTransient && attempt < _options.Attempts)
            {
                TimeSpan delay = TimeSpan.FromTicks(Math.Min(LongestDelay.Ticks, FirstDelay.Ticks << attempt));
                await Task.Delay(delay * (0.5 + Random.Shared.NextDouble()), _time, cancellationToken);
            }
        }
    }

    private async Task<JsonDocument> SendOnceAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(_options.RequestTimeout, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using HttpRequestMessage request = new(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
        }
        try
        {
            using HttpResponseMessage response = await _client.SendAsync(request, either.Token);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(either.Token);
            return response.IsSuccessStatusCode ? JsonDocument.Parse(answer) : throw Refusal(response.StatusCode, answer);
        }
        // .NET lets the socket's through where a connection is reset as it is made.
        catch (Exception failure) when (failure is HttpRequestException or SocketException)
        {
            throw new SchemaRegistryException($"The schema registry at {_options} does not answer: {failure.Message}", 0, isTransient: true, failure);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            string seconds = _options.RequestTimeout.TotalSeconds.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture);
            throw new SchemaRegistryException($"The schema registry at {_options} gave no answer within {seconds} s.", 0, isTransient: true);
        }
        catch (JsonException failure)
        {
            throw new SchemaRegistryException($"The schema registry at {_options} gave an answer that is not JSON.", 0, isTransient: false, failure);
        }
    }

    /// <summary>Trusts the certificates of a PEM file and no others, as librdkafka does with <c>ssl.ca.location</c>.</summary>
    private static X509ChainPolicy Trust(string file)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new SchemaRegistryException($"The certificates to trust, {file}, cannot be read: {failure.Message}", 0, isTransient: false, failure);
        }
        return policy;
    }

    private SchemaRegistryException Missing(string name) =>
        new($"The schema registry at {_options} gave an answer without \"{name}\": is it a schema registry?", 0, isTransient: false);

    private SchemaRegistryException Refusal(HttpStatusCode status, byte[] answer)
    {
        int code = (int)status;
        string reason = "";
        try
        {
            using JsonDocument error = JsonDocument.Parse(answer);
            if (Member(error, "error_code", JsonValueKind.Number) is { } number && number.TryGetInt32(out int given))
                code = given;
            if (Member(error, "message", JsonValueKind.String) is { } message)
                reason = $", {message.GetString()}";
        }
        catch (JsonException)
        {
            // A proxy's page or other words: the status says enough.
        }
        string mend = status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? " (look at the registry's user and password)" : "";
        bool transient = (int)status >= 500 || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;
        return new SchemaRegistryException($"The schema registry at {_options} refused: error {code}{reason}{mend}.", code, transient);
    }
}
