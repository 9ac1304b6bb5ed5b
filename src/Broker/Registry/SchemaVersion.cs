namespace Assay.Broker.Registry;

/// <summary>Another registered schema whose named type a schema uses.</summary>
internal sealed record SchemaReference(string Name, string Subject, int Version);

/// <summary>What a client gives to be registered, looked up or checked.</summary>
/// <param name="Id">Only while importing: the id to give it.</param>
/// <param name="Version">Only while importing: the version to give it.</param>
internal sealed record SchemaInput(string Schema, IReadOnlyList<SchemaReference> References, int? Id = null, int? Version = null);

/// <summary>A schema under a subject.</summary>
/// <param name="Schema">Its JSON without white space, else as it was given.</param>
/// <param name="Identity">Equal for schemas that are the same but for white space and the order of attributes; see <see cref="SchemaText.Identity"/>.</param>
/// <param name="Deleted">Soft-deleted: hidden from listings, still found by its id.</param>
internal sealed record SchemaVersion(string Subject, int Version, int Id, string Schema, IReadOnlyList<SchemaReference> References, string Identity, bool Deleted);
