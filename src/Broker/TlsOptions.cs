namespace Assay.Broker;

/// <summary>What the broker and its registry show clients that speak TLS 1.2 or 1.3 to them; others are refused then.</summary>
/// <param name="CertificateFile">A PEM file: the server's certificate, and behind it those between it and the root, if any.</param>
/// <param name="KeyFile">A PEM file with the certificate's private key, not encrypted.</param>
public sealed record TlsOptions(string CertificateFile, string KeyFile);
