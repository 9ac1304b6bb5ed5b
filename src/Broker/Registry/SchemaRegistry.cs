using System.Text.Json.Nodes;
using Assay.Avro;

namespace Assay.Broker.Registry;

/// <summary>
/// What Confluent's schema registry knows and does, for Avro: schemas under subjects in versions, ids that are the same for the same schema in all subjects,
/// compatibility and mode per subject over a global one. One lock guards it; everything is answered from memory, changes are first written to <see cref="SchemaStore"/>.
/// </summary>
internal sealed partial class SchemaRegistry
{
    /// <summary>The version by which a reference means the newest.</summary>
    private const int Latest = -1;

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
    public int Register(string subject, SchemaInput given, bool normalize)
    {
        lock (_gate)
        {
            MustBeASubject(subject);
            (SchemaInput input, AvroSchema avro, string identity) = Understand(subject, given, normalize);
            if (Find(Visible(subject), input, identity) is { } present && (input.Id ?? present.Id) == present.Id && (input.Version ?? present.Version) == present.Version)
                return present.Id;
            MustBeWritable(subject);
            bool importing = ModeOf(subject) == Modes.Import;
            if ((input.Id is not null) != importing)
                throw RegistryException.NotPermitted(importing ? $"Subject {subject} is in import mode: an id is needed" : $"Subject {subject} is not in import mode");
            IReadOnlyList<SchemaVersion> before = [.. _subjects.GetValueOrDefault(subject, [])];
            int next = before.Count > 0 ? before[^1].Version + 1 : 1;
            if (!importing)
            {
                if (input.Version is { } wanted && wanted != next)
                    throw RegistryException.InvalidSchema("Version is not one more than previous version");
                List<string> problems = Problems(subject, avro, Visible(subject));
                if (problems.Count > 0)
                    throw RegistryException.Incompatible(subject, problems);
            }
            int id = input.Id ?? Everything.FirstOrDefault(version => version.Identity == identity)?.Id ?? _lastId + 1;
            if (Everything.FirstOrDefault(version => version.Id == id) is { } holder && holder.Identity != identity)
                throw RegistryException.NotPermitted($"Overwrite new schema with id {id} in context . is not permitted.");
            SchemaVersion version = new(subject, input.Version ?? next, id, input.Schema, input.References, identity, Deleted: false);
            // As Confluent does: what was soft-deleted and is registered once more leaves no deleted version behind.
            Save(version, [.. before.Where(old => old.Deleted && old.Id == id && old.Version < version.Version && !Referencing(old, deleted: true).Any())]);
            return id;
        }
    }

    /// <summary>The version of a subject that has this schema.</summary>
    public SchemaVersion Lookup(string subject, SchemaInput given, bool normalize, bool deleted)
    {
        lock (_gate)
        {
            (SchemaInput input, _, string identity) = Understand(subject, given, normalize);
            return Find(Versions(subject, deleted), input, identity) ?? throw RegistryException.SchemaNotFound();
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
    public IReadOnlyList<SchemaVersion> Versions(string subject, bool deleted, bool deletedOnly = false)
    {
        lock (_gate)
        {
            List<SchemaVersion> versions = [.. _subjects.GetValueOrDefault(subject, []).Where(version => deletedOnly ? version.Deleted : deleted || !version.Deleted)];
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
            // The latest is never one that is deleted, whether those are shown or not.
            return versions.LastOrDefault(each => number is null ? !each.Deleted : each.Version == number) ?? throw RegistryException.VersionNotFound(number ?? -1);
        }
    }

    /// <summary>The highest id that was given out.</summary>
    public int LastId
    {
        get
        {
            lock (_gate)
                return _lastId;
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
    public IReadOnlyList<int> ReferencedBy(string subject, string version, bool deleted)
    {
        lock (_gate)
            return [.. Referencing(Version(subject, version, deleted: true), deleted).Select(each => each.Id).Distinct().Order()];
    }

    /// <summary>The schema with the types of its references in place of their names.</summary>
    public string Resolved(SchemaVersion version)
    {
        lock (_gate)
            return SchemaText.Resolve(version.Schema, Resolve(version.References));
    }

    /// <summary>
    /// What stands between a schema and a version, or (null) all versions that registering looks at, under the subject's level; empty: nothing, as for the latest of a
    /// subject that has none.
    /// </summary>
    public IReadOnlyList<string> Problems(string subject, string? version, SchemaInput input, bool normalize)
    {
        lock (_gate)
        {
            IReadOnlyList<SchemaVersion> earlier = Visible(subject);
            if (version is not null)
            {
                int? number = ParseVersion(version);
                earlier = number is null ? [.. earlier.TakeLast(1)] : [earlier.FirstOrDefault(each => each.Version == number) ?? throw RegistryException.VersionNotFound(number)];
            }
            return Problems(subject, Understand(subject, input, normalize).Avro, earlier);
        }
    }

    /// <summary>Soft-deletes a subject; with <paramref name="permanent"/> removes one that is soft-deleted, with its settings. Returns the versions.</summary>
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
                MustNotBeReferenced(version, permanent, but: subject);
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
            MustNotBeReferenced(found, permanent);
            Delete([found], permanent);
            return found.Version;
        }
    }

    private IEnumerable<SchemaVersion> Everything => _subjects.Values.SelectMany(versions => versions);

    private List<SchemaVersion> Visible(string subject) => [.. _subjects.GetValueOrDefault(subject, []).Where(version => !version.Deleted)];

    private static int? ParseVersion(string version)
    {
        if (version is "latest" or "-1")
            return null;
        return int.TryParse(version, out int number) && number > 0 ? number : throw RegistryException.InvalidVersion(version);
    }

    /// <summary>What a client gave with its references found and its text as it is to be kept.</summary>
    private (SchemaInput Input, AvroSchema Avro, string Identity) Understand(string subject, SchemaInput input, bool normalize)
    {
        IReadOnlyList<SchemaReference> references = [.. input.References.Select(reference =>
            reference.Version == Latest && Visible(reference.Subject) is { Count: > 0 } versions ? reference with { Version = versions[^1].Version } : reference)];
        normalize |= NormalizesIn(subject);
        if (normalize)
            references = [.. references.Distinct().OrderBy(reference => reference.Name, StringComparer.Ordinal)];
        AvroSchema avro = SchemaText.ToAvro(input.Schema, Resolve(references));
        string schema = normalize ? SchemaText.Normalize(input.Schema, references) : SchemaText.Compact(input.Schema);
        return (input with { Schema = schema, References = references }, avro, SchemaText.Identity(schema, references));
    }

    /// <summary>The newest version that is this schema; it may be given without references, with their types in it.</summary>
    private SchemaVersion? Find(IReadOnlyList<SchemaVersion> versions, SchemaInput input, string identity) =>
        versions.LastOrDefault(version => version.Identity == identity
            || (input.References.Count == 0 && version.References.Count > 0 && SchemaText.Identity(Resolved(version), []) == identity));

    /// <summary>What stands in the way of a new schema, as Confluent tells it: a sentence for each, what it was compared with, the level.</summary>
    private List<string> Problems(string subject, AvroSchema schema, IReadOnlyList<SchemaVersion> earlier)
    {
        CompatibilityLevel level = LevelOf(subject);
        List<string> problems = [];
        foreach (SchemaVersion before in level.Transitive ? earlier.Reverse() : earlier.TakeLast(1))
        {
            IReadOnlyList<string> found = level.Problems(schema, SchemaText.ToAvro(before.Schema, Resolve(before.References)));
            if (found.Count > 0)
                problems.AddRange([.. found, $"{{oldSchemaVersion: {before.Version}}}", $"{{oldSchema: '{before.Schema}'}}"]);
        }
        if (problems.Count > 0)
            problems.Add($"{{validateFields: 'false', compatibility: '{level.Name}'}}");
        return problems;
    }

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

    private IEnumerable<SchemaVersion> Referencing(SchemaVersion target, bool deleted) => Everything.Where(version =>
        (deleted || !version.Deleted) && version.References.Any(reference => reference.Subject == target.Subject && reference.Version == target.Version));

    private void MustNotBeReferenced(SchemaVersion version, bool deleted, string? but = null)
    {
        if (Referencing(version, deleted).Any(other => other.Subject != but))
            throw RegistryException.Referenced(version.Subject, version.Version);
    }

    /// <summary>Confluent's reserved names, and its contexts but the default one, are no subjects here.</summary>
    private static void MustBeASubject(string subject)
    {
        if (subject is "__GLOBAL" or "__EMPTY" || subject.StartsWith(":.", StringComparison.Ordinal) || subject.Any(char.IsControl))
            throw RegistryException.InvalidSubject(subject);
    }

    private void MustBeWritable(string? subject)
    {
        if (ModeOf(subject ?? Global) is Modes.ReadOnly or Modes.ReadOnlyOverride)
            throw RegistryException.NotPermitted(subject is null ? "The registry is in read-only mode" : $"Subject {subject} in context . is in read-only mode");
    }
}
