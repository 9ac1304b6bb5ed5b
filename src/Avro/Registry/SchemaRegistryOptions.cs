namespace Assay.Avro.Registry;

/// <summary>How to reach a schema registry.</summary>
public sealed record SchemaRegistryOptions
{
    public const int DefaultAttempts = 6;
    public const int DefaultRequestTimeoutSeconds = 5;

    /// <summary>The base URL, e.g. <c>http://localhost:8081</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary>For basic authentication; null: none.</summary>
    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>Path of a PEM file with the certificates to trust; null: the system's.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>How long one attempt may take.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(DefaultRequestTimeoutSeconds);

    /// <summary>How often a request is made before it counts as failed: after refused connections, time-outs and server errors, waiting longer each time.</summary>
    public int Attempts { get; init; } = DefaultAttempts;

    /// <summary>The address, without secrets.</summary>
    public override string ToString() => Url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');
}
