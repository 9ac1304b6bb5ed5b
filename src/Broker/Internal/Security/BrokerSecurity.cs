using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Assay.Broker.Internal.Security;

/// <summary>What stands between the network and the requests: users and certificate, as the options want them.</summary>
internal sealed class BrokerSecurity
{
    private BrokerSecurity(Credentials? credentials, SslServerAuthenticationOptions? tls)
    {
        Credentials = credentials;
        Tls = tls;
    }

    /// <summary>Null: nobody is asked who he is.</summary>
    public Credentials? Credentials { get; }

    /// <summary>Null: connections are not encrypted.</summary>
    public SslServerAuthenticationOptions? Tls { get; }

    /// <exception cref="BrokerException">The options would let anybody in from elsewhere, contradict each other, or name a file that cannot be used.</exception>
    public static BrokerSecurity Of(BrokerOptions options)
    {
        if (options.Sasl is null && !IPAddress.IsLoopback(options.Listen))
            throw new BrokerException($"On {options.Listen} anybody could reach the broker: ask for users and passwords (--sasl SCRAM-SHA-256), or let it listen on loopback.");
        return new BrokerSecurity(options.Sasl is null ? null : new Credentials(options.Sasl, encrypted: options.Tls is not null), options.Tls is null ? null : Load(options.Tls));
    }

    private static SslServerAuthenticationOptions Load(TlsOptions files)
    {
        try
        {
            X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(files.CertificateFile, files.KeyFile);
            X509Certificate2Collection chain = [];
            chain.ImportFromPemFile(files.CertificateFile);
            return new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            };
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BrokerException(
                $"The certificate {files.CertificateFile} with the key {files.KeyFile} cannot be used: {failure.Message} Both are PEM files, the key is not encrypted and belongs to the first certificate.", failure);
        }
    }
}
