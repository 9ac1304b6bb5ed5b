namespace Assay.Broker.Registry;

/// <summary>An answer with one of Confluent's error codes; the first three digits are the HTTP status.</summary>
internal sealed class RegistryException(int code, string message) : Exception(message)
{
    public const int InvalidSchemaCode = 42201;

    public int Code { get; } = code;

    public int Status => Code >= 10_000 ? Code / 100 : Code;

    public static RegistryException SubjectNotFound(string subject) => new(40401, $"Subject '{subject}' not found.");

    public static RegistryException VersionNotFound(object version) => new(40402, $"Version {version} not found.");

    public static RegistryException SchemaNotFound(int? id = null) => new(40403, id is null ? "Schema not found" : $"Schema {id} not found");

    public static RegistryException SubjectSoftDeleted(string subject) => new(40404, $"Subject '{subject}' was soft deleted. Set permanent=true to delete permanently");

    public static RegistryException SubjectNotSoftDeleted(string subject) => new(40405, $"Subject '{subject}' was not deleted first before being permanently deleted");

    public static RegistryException VersionSoftDeleted(string subject, int version) =>
        new(40406, $"Subject '{subject}' Version {version} was soft deleted. Set permanent=true to delete permanently");

    public static RegistryException VersionNotSoftDeleted(string subject, int version) =>
        new(40407, $"Subject '{subject}' Version {version} was not deleted first before being permanently deleted");

    public static RegistryException NoSubjectConfig(string subject) => new(40408, $"Subject '{subject}' does not have subject-level compatibility configured");

    public static RegistryException NoSubjectMode(string subject) => new(40409, $"Subject '{subject}' does not have subject-level mode configured");

    public static RegistryException Incompatible(string subject, IEnumerable<string> reasons) =>
        new(409, $"Schema being registered is incompatible with an earlier schema for subject \"{subject}\", details: [{string.Join(", ", reasons)}]");

    public static RegistryException InvalidSchema(string why) => new(InvalidSchemaCode, $"Invalid schema: {why}");

    public static RegistryException InvalidVersion(string version) =>
        new(42202, $"The specified version '{version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\"");

    public static RegistryException InvalidLevel() => new(
        42203, "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive");

    public static RegistryException InvalidMode() => new(42204, "Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, and IMPORT.");

    public static RegistryException NotPermitted(string why) => new(42205, why);

    public static RegistryException Referenced(string subject, int version) => new(
        42206, $"One or more references exist to the schema {{magic=1,keytype=SCHEMA,subject={subject},version={version}}}.");

    public static RegistryException InvalidSubject(string subject) => new(42208, $"The specified subject '{subject}' is not a valid subject.");

    public static RegistryException BadRequest(string why) => new(400, why);

    public static RegistryException Unauthorized() => new(401, "Unauthorized");

    public static RegistryException NotFound() => new(404, "HTTP 404 Not Found");

    public static RegistryException MethodNotAllowed() => new(405, "HTTP 405 Method Not Allowed");

    public static RegistryException NotAcceptable() => new(406, "HTTP 406 Not Acceptable");

    public static RegistryException UnsupportedMediaType() => new(415, "HTTP 415 Unsupported Media Type");
}
