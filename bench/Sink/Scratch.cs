using Assay.Schemas;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Assay.Sink.Bench;

/// <summary>A database of one benchmark, with the sink's schema.</summary>
internal sealed class Scratch : IAsyncDisposable
{
    private readonly string _server;
    private readonly string _name;

    private Scratch(string server, string name)
    {
        _server = server;
        _name = name;
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }

    public string ConnectionString { get; }

    /// <summary>Whether its tables are TimescaleDB's.</summary>
    public bool Timescale { get; private set; }

    /// <exception cref="UserException">The address is none.</exception>
    public static async Task<Scratch> CreateAsync(string address, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? url) || url.Scheme is not ("postgresql" or "postgres"))
            throw new UserException("--database takes postgresql://USER:PASSWORD@HOST:PORT/NAME.");
        string[] user = url.UserInfo.Split(':', 2);
        NpgsqlConnectionStringBuilder server = new()
        {
            Host = url.Host,
            Port = url.Port > 0 ? url.Port : 5432,
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            Database = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/')),
            Pooling = false,
        };
        Scratch scratch = new(server.ConnectionString, $"assay_bench_{Guid.NewGuid():N}");
        await scratch.OnServerAsync($"CREATE DATABASE {scratch._name}", cancellationToken);
        try
        {
            scratch.Timescale = await Migrations.ApplyAsync(new SinkOptions { ConnectionString = scratch.ConnectionString }, NullLogger.Instance, cancellationToken);
            return scratch;
        }
        catch
        {
            await scratch.DisposeAsync();
            throw;
        }
    }

    public async Task RunAsync(string sql, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = new(ConnectionString);
        await RunAsync(connection, sql, cancellationToken);
    }

    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = new(ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using NpgsqlCommand command = new("SELECT count(*) FROM api_price", connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async ValueTask DisposeAsync() => await OnServerAsync($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)", CancellationToken.None);

    private async Task OnServerAsync(string sql, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = new(_server);
        await RunAsync(connection, sql, cancellationToken);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await connection.OpenAsync(cancellationToken);
#pragma warning disable CA2100 // The text is this program's own.
        await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
