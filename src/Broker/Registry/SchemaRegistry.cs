using System.Text.Json.Nodes;
using Assay.Avro;

namespace Assay.Broker.Registry;

/// <summary>
/// What Confluent's schema registry knows and does, for Avro: schemas under subjects in versions, ids that are the same for the same schema in all subjects,
/// compatibility and mode per subject over a global one. One lock guards it; everything is answered from memory, changes are first written to <see cref="SchemaStore"/>.
/// </summary>
internal sealed partial class SchemaRegistry
{
    private readonly Lock _gate = new();
    private readonly SchemaStore _store;
    /// <summary>Versions by subject, soft-deleted ones too, oldest first.</summary>
    private readonly SortedDictionary<string, List<SchemaVersion>> _subjects = new(StringComparer.Ordinal);
    private int _lastId;

    public SchemaRegistry(SchemaStore store)
    {
        _store = store;
        foreach ((JsonObject key, JsonObject value) in store.All)
            Restore(key, value);
    }

    /// <summary>Registers a schema under a subject, or finds it there; returns its id.</summary>
    public int Register(string subject, SchemaInput input, bool normalize)
    {
        lock (_gate)
        {
            (string schema, AvroSchema avro, string identity) = Understand(input, normalize);
            if (Visible(subject).FirstOrDefault(version => version.Identity == identity) is { } present && input.Id is null)
                return present.Id;
            string mode = ModeOf(subject);
            if (mode is Modes.ReadOnly or Modes.ReadOnlyOverride)
                throw RegistryException.NotPermitted($"Subject {subject} is in read-only mode");
            if ((input.Id is not null) != (mode == Modes.Import))
                throw RegistryException.NotPermitted(mode == Modes.Import ? $"Subject {subject} is in import mode: an id is needed" : $"Subject {subject} is not in import mode");
            if (mode != Modes.Import)
            {
                IReadOnlyList<string> problems = LevelOf(subject).Problems(avro, [.. Visible(subject).Select(ToAvro)]);
                if (problems.Count > 0)
                    throw RegistryException.Incompatible(subject, [.. problems, $"{{compatibility: '{LevelOf(subject).Name}'}}"]);
            }
            int id = input.Id ?? Everything.FirstOrDefault(version => version.Identity == identity)?.Id ?? _lastId + 1;
            if (Everything.FirstOrDefault(version => version.Id == id) is { } holder && holder.Identity != identity)
                throw RegistryException.NotPermitted($"Overwrite new schema with id {id} is not permitted.");
            int next = input.Version ?? (_subjects.TryGetValue(subject, out List<SchemaVersion>? versions) ? versions[^1].Version + 1 : 1);
            Save(new SchemaVersion(subject, next, id, schema, input.References, identity, Deleted: false));
            return id;
        }
    }

    /// <summary>The version of a subject that has this schema.</summary>
    public SchemaVersion Lookup(string subject, SchemaInput input, bool normalize, bool deleted)
    {
        lock (_gate)
        {
            IReadOnlyList<SchemaVersion> versions = Versions(subject, deleted);
            string identity = Understand(input, normalize).Identity;
            return versions.LastOrDefault(version => version.Identity == identity) ?? throw RegistryException.SchemaNotFound();
        }
    }

    public IReadOnlyList<string> Subjects(string prefix, bool deleted, bool deletedOnly)
    {
        lock (_gate)
            return [.. _subjects.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
                .Where(entry => deletedOnly ? entry.Value.TrueForAll(version => version.Deleted) : deleted || entry.Value.Exists(version => !version.Deleted))
                .Select(entry => entry.Key)];
    }

    /// <summary>A subject's versions, oldest first; at least one.</summary>
    public IReadOnlyList<SchemaVersion> Versions(string subject, bool deleted)
    {
        lock (_gate)
        {
            List<SchemaVersion> versions = _subjects.TryGetValue(subject, out List<SchemaVersion>? all) ? [.. all.Where(version => deleted || !version.Deleted)] : [];
            return versions.Count > 0 ? versions : throw RegistryException.SubjectNotFound(subject);
        }
    }

    /// <param name="version">A number, or <c>latest</c> (also −1).</param>
    public SchemaVersion Version(string subject, string version, bool deleted)
    {
        lock (_gate)
        {
            int? number = ParseVersion(version);
            IReadOnlyList<SchemaVersion> versions = Versions(subject, deleted);
            return number is null ? versions[^1] : versions.FirstOrDefault(each => each.Version == number) ?? throw RegistryException.VersionNotFound(number);
        }
    }

    /// <summary>All versions that have an id, soft-deleted ones too.</summary>
    public IReadOnlyList<SchemaVersion> WithId(int id)
    {
        lock (_gate)
        {
            List<SchemaVersion> versions = [.. Everything.Where(version => version.Id == id)];
            return versions.Count > 0 ? versions : throw RegistryException.SchemaNotFound(id);
        }
    }

    public IReadOnlyList<SchemaVersion> Schemas(string prefix, bool deleted, bool latestOnly)
    {
        lock (_gate)
            return [.. _subjects.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
                .Select(entry => entry.Value.Where(version => deleted || !version.Deleted))
                .SelectMany(versions => latestOnly ? versions.TakeLast(1) : versions)];
    }

    /// <summary>The ids of schemas that use a version's type.</summary>
    public IReadOnlyList<int> ReferencedBy(string subject, string version)
    {
        lock (_gate)
            return [.. Referencing(Version(subject, version, deleted: true)).Select(each => each.Id).Distinct().Order()];
    }

    /// <summary>What stands between a schema and a version, or (null) all versions, under the subject's level; empty: nothing.</summary>
    public IReadOnlyList<string> Problems(string subject, string? version, SchemaInput input, bool normalize)
    {
        lock (_gate)
        {
            AvroSchema schema = Understand(input, normalize).Avro;
            CompatibilityLevel level = LevelOf(subject);
            // Confluent: against one version it answers for that one; against the subject, as registering would.
            IReadOnlyList<SchemaVersion> earlier = version is null ? Visible(subject) : [Version(subject, version, deleted: false)];
            return level.Problems(schema, [.. earlier.Select(ToAvro)]);
        }
    }

    /// <summary>Soft-deletes a subject; with <paramref name="permanent"/> removes one that is soft-deleted. Returns the versions.</summary>
    public IReadOnlyList<int> DeleteSubject(string subject, bool permanent)
    {
        lock (_gate)
        {
            IReadOnlyList<SchemaVersion> all = Versions(subject, deleted: true);
            MustBeWritable(subject);
            List<SchemaVersion> alive = [.. all.Where(version => !version.Deleted)];
            if (permanent && alive.Count > 0)
                throw RegistryException.SubjectNotSoftDeleted(subject);
            if (!permanent && alive.Count == 0)
                throw RegistryException.SubjectSoftDeleted(subject);
            List<SchemaVersion> gone = permanent ? [.. all] : alive;
            foreach (SchemaVersion version in gone)
                MustNotBeReferenced(version);
            Delete(gone, permanent);
            return [.. gone.Select(version => version.Version)];
        }
    }

    /// <summary>Soft-deletes one version; with <paramref name="permanent"/> removes one that is soft-deleted.</summary>
    public int DeleteVersion(string subject, string version, bool permanent)
    {
        lock (_gate)
        {
            MustBeWritable(subject);
            SchemaVersion found = Version(subject, version, deleted: true);
            if (permanent && !found.Deleted)
                throw RegistryException.VersionNotSoftDeleted(subject, found.Version);
            if (!permanent && found.Deleted)
                throw RegistryException.VersionSoftDeleted(subject, found.Version);
            MustNotBeReferenced(found);
            Delete([found], permanent);
            return found.Version;
        }
    }

    private IEnumerable<SchemaVersion> Everything => _subjects.Values.SelectMany(versions => versions);

    private List<SchemaVersion> Visible(string subject) => _subjects.TryGetValue(subject, out List<SchemaVersion>? all) ? [.. all.Where(version => !version.Deleted)] : [];

    private static int? ParseVersion(string version)
    {
        if (version is "latest" or "-1")
            return null;
        return int.TryParse(version, out int number) && number > 0 ? number : throw RegistryException.InvalidVersion(version);
    }

    private (string Schema, AvroSchema Avro, string Identity) Understand(SchemaInput input, bool normalize)
    {
        IReadOnlyList<(SchemaReference, string)> references = Resolve(input.References);
        AvroSchema avro = SchemaText.ToAvro(input.Schema, references);
        string schema = normalize ? SchemaText.Normalize(input.Schema, references) : SchemaText.Compact(input.Schema);
        return (schema, avro, SchemaText.Identity(schema, input.References));
    }

    private AvroSchema ToAvro(SchemaVersion version) => SchemaText.ToAvro(version.Schema, Resolve(version.References));

    /// <summary>The schemas that references name, and those that these name.</summary>
    private List<(SchemaReference Reference, string Schema)> Resolve(IReadOnlyList<SchemaReference> references)
    {
        List<(SchemaReference Reference, string Schema)> resolved = [];
        foreach (SchemaReference reference in references)
        {
            SchemaVersion? target = _subjects.GetValueOrDefault(reference.Subject)?.Find(version => version.Version == reference.Version);
            if (target is null)
                throw RegistryException.InvalidSchema($"No schema reference found for subject \"{reference.Subject}\" and version {reference.Version}");
            if (resolved.Exists(known => known.Reference.Name == reference.Name))
                continue;
            resolved.Add((reference, target.Schema));
            resolved.AddRange(Resolve(target.References).Where(inner => !resolved.Exists(known => known.Reference.Name == inner.Reference.Name)));
        }
        return resolved;
    }

    private IEnumerable<SchemaVersion> Referencing(SchemaVersion target) => Everything.Where(version =>
        !version.Deleted && version.References.Any(reference => reference.Subject == target.Subject && reference.Version == target.Version));

    private void MustNotBeReferenced(SchemaVersion version)
    {
        if (Referencing(version).Any())
            throw RegistryException.Referenced(version.Subject, version.Version);
    }

    private void MustBeWritable(string subject)
    {
        if (ModeOf(subject) is Modes.ReadOnly or Modes.ReadOnlyOverride)
            throw RegistryException.NotPermitted($"Subject {subject} is in read-only mode");
    }
}
