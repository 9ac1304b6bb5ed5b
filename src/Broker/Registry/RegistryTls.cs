using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Assay.Broker.Registry;

/// <summary>TLS around the registry's connections. Kestrel's own needs the dependency injection that the registry does without.</summary>
internal static class RegistryTls
{
    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(10);

    public static void Use(ListenOptions listen, SslServerAuthenticationOptions options) => listen.Use(next => async connection =>
    {
        IDuplexPipe bare = connection.Transport;
        await using SslStream encrypted = new(new DuplexStream(bare.Input.AsStream(), bare.Output.AsStream()));
        try
        {
            using CancellationTokenSource bound = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
            bound.CancelAfter(HandshakeLimit);
            await encrypted.AuthenticateAsServerAsync(options, bound.Token);
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException or OperationCanceledException)
        {
            return;
        }
        connection.Transport = new DuplexPipe(PipeReader.Create(encrypted), PipeWriter.Create(encrypted));
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = bare;
        }
    });

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Reads from one stream and writes to another.</summary>
    private sealed class DuplexStream(Stream input, Stream output) : Stream
    {
        public override bool CanRead => true;
        public override bool CanWrite => true;
        public override bool CanSeek => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => input.ReadAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.WriteAsync(buffer, cancellationToken);

        public override void Flush() => output.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
