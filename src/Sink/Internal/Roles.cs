using Npgsql;

namespace Assay.Sink.Internal;

/// <summary>
/// The roles of a database: <c>assay_owner</c> owns the schema and changes it, <c>assay_writer</c> stores rows, <c>assay_reader</c> reads. Nobody can log in as one before
/// it is given a password; a login is made a member instead.
/// </summary>
/// <remarks>
/// Roles belong to the whole server, rights to a database. So each run makes what is missing of either, as far as the login may, and none of it takes a thing away.
/// TimescaleDB runs its policies as the owner of the tables and asks that it may log in, hence LOGIN.
/// </remarks>
internal static class Roles
{
    public const string Owner = "assay_owner";
    public const string Writer = "assay_writer";
    public const string Reader = "assay_reader";

    /// <summary>SQL, within a query of pg_roles: whether the current user may become the role.</summary>
    private const string MayBecome = "pg_has_role(current_user, oid, CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END)";

    /// <summary>What each role needs: no more than its statements ask for.</summary>
    private static readonly (string Role, string Privilege, string[] Tables)[] Needs =
    [
        (Reader, "SELECT", ["contract_price", "api_price", "accuracy", "accuracy_hourly", "dead_letter", "dead_letter_resent", "sink_offset", "schema_migration"]),
        (Writer, "SELECT", ["contract_price", "api_price", "accuracy", "dead_letter", "dead_letter_resent", "sink_offset", "schema_migration"]),
        (Writer, "INSERT", ["contract_price", "api_price", "accuracy", "dead_letter", "dead_letter_resent", "sink_offset"]),
        (Writer, "UPDATE", ["contract_price", "accuracy", "sink_offset"]),
        (Writer, "DELETE", ["accuracy"]),
    ];

    /// <summary>For the connection that stores: gives up every right but the writer's, where the login has more.</summary>
    public static readonly string ActAsWriter =
        $"SELECT set_config('role', '{Writer}', false) FROM pg_roles WHERE rolname = '{Writer}' AND {MayBecome} " +
        "AND has_table_privilege(oid, 'sink_offset', 'UPDATE');";

    /// <summary>Makes the roles and opens the schema to them, and goes on as the owner. Called before the first step, as the login.</summary>
    /// <returns>Null; or, where the login may not do that, what somebody else must run.</returns>
    public static async Task<string?> ActAsOwnerAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (string statement in await MissingAsync(connection, cancellationToken))
            await TryAsync(connection, statement, cancellationToken);
        if (await MissingAsync(connection, cancellationToken) is { Count: > 0 } missing)
            return string.Join("; ", missing) + ";";
        await Sql.ExecuteAsync(connection, Handover, cancellationToken);
        await Sql.ExecuteAsync(connection, $"SET ROLE {Owner}", cancellationToken);
        return null;
    }

    /// <summary>Gives the roles their rights to the tables. Called after the last step, as the owner.</summary>
    public static async Task GrantAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await Sql.AskAsync(connection, Granted, cancellationToken) is not true)
            await Sql.ExecuteAsync(connection, Grants, cancellationToken);
    }

    // Tables of a time before there were roles, or before the login might use them.
    private static readonly string Handover =
        $"""
         DO $$ DECLARE found record; kind text; BEGIN
           FOR found IN
             SELECT relname, relkind FROM pg_class
             WHERE relnamespace = current_schema()::regnamespace AND relowner <> '{Owner}'::regrole AND relname = ANY ({Array(Needs[0].Tables)})
           LOOP
             kind := 'TABLE';
             IF found.relkind = 'v' THEN
               kind := 'VIEW';
               -- A continuous aggregate looks like a view and is altered as a materialized one.
               IF EXISTS (SELECT FROM schema_migration WHERE variant = '{Migration.Timescale}') THEN
                 kind := 'MATERIALIZED VIEW';
               END IF;
             END IF;
             EXECUTE format('ALTER %s %I OWNER TO {Owner}', kind, found.relname);
           END LOOP;
         END $$;
         """;

    private static readonly string Grants =
        string.Join('\n', Needs.Select(need => $"GRANT {need.Privilege} ON {string.Join(", ", need.Tables)} TO {need.Role};")) +
        $"""

         DO $$ BEGIN
           EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT ON TABLES TO {Reader}', current_schema());
           EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT, UPDATE ON TABLES TO {Writer}', current_schema());
         END $$;
         """;

    private static readonly string Granted =
        $"SELECT EXISTS (SELECT FROM pg_default_acl WHERE defaclrole = '{Owner}'::regrole)" +
        string.Concat(Needs.Select(need => $" AND (SELECT bool_and(has_table_privilege('{need.Role}', name, '{need.Privilege}')) FROM unnest({Array(need.Tables)}) AS name)"));

    /// <summary>The statements that must be run, by the login or by somebody with more rights, before the login can act as owner.</summary>
    private static async Task<List<string>> MissingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        List<string> statements = [];
        await using NpgsqlCommand command = new(Missing, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            statements.Add(reader.GetString(0));
        return statements;
    }

    private static readonly string Missing =
        $"""
         SELECT format('CREATE ROLE %s LOGIN', role) FROM unnest({Array([Owner, Writer, Reader])}) AS role WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)
         UNION ALL
         SELECT format('GRANT {Owner}, {Writer} TO %I', current_user) WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{Owner}' AND {MayBecome})
         UNION ALL
         SELECT format('GRANT USAGE, CREATE ON SCHEMA %I TO {Owner}', current_schema())
         WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{Owner}' AND has_schema_privilege(oid, current_schema(), 'CREATE'))
         UNION ALL
         SELECT format('GRANT USAGE ON SCHEMA %I TO %s', current_schema(), role) FROM unnest({Array([Writer, Reader])}) AS role
         WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role AND has_schema_privilege(oid, current_schema(), 'USAGE'))
         UNION ALL
         SELECT format('ALTER %s %I OWNER TO {Owner}', CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, relname) FROM pg_class
         WHERE relnamespace = current_schema()::regnamespace AND relname = ANY ({Array(Needs[0].Tables)})
           AND relowner IS DISTINCT FROM (SELECT oid FROM pg_roles WHERE rolname = '{Owner}') AND NOT pg_has_role(current_user, relowner, 'USAGE')
         """;

    private static string Array(IEnumerable<string> names) => $"ARRAY[{string.Join(", ", names.Select(name => $"'{name}'"))}]";

    /// <summary>What the login may not do stays missing; so does what another database's set-up did at the same time, only to be found there the next moment.</summary>
    private static async Task TryAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        try
        {
            await Sql.ExecuteAsync(connection, statement, cancellationToken);
        }
        catch (PostgresException refusal) when (refusal.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidGrantOperation
            or PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation
            or PostgresErrorCodes.InternalError)
        {
            // The next look tells.
        }
    }
}
