using System.Text.Json.Nodes;

namespace Assay.Broker.Registry;

/// <content>Schemas as Confluent's records, and settings per subject.</content>
internal sealed partial class SchemaRegistry
{
    private const string ConfigKind = "CONFIG";
    private const string ModeKind = "MODE";
    /// <summary>Stands for all subjects in <see cref="_levels"/> and <see cref="_modes"/>; no subject has the empty name.</summary>
    private const string Global = "";

    private readonly Dictionary<string, CompatibilityLevel> _levels = [];
    private readonly Dictionary<string, string> _modes = [];

    /// <summary>A subject's own level, or (null) the global one; <c>null</c> where it has none and the global one does not stand in.</summary>
    public CompatibilityLevel? Level(string? subject, bool defaultToGlobal)
    {
        lock (_gate)
            return subject is null || defaultToGlobal ? LevelOf(subject ?? Global) : _levels.GetValueOrDefault(subject);
    }

    public void SetLevel(string? subject, CompatibilityLevel level)
    {
        lock (_gate)
        {
            _store.Write([(SchemaStore.SettingKey(ConfigKind, subject), new JsonObject { ["compatibilityLevel"] = level.Name })]);
            _levels[subject ?? Global] = level;
        }
    }

    /// <summary>Takes a level back; returns what it was.</summary>
    public CompatibilityLevel DeleteLevel(string? subject)
    {
        lock (_gate)
        {
            if (!_levels.Remove(subject ?? Global, out CompatibilityLevel? level))
                return subject is null ? CompatibilityLevel.Default : throw RegistryException.NoSubjectConfig(subject);
            _store.Write([(SchemaStore.SettingKey(ConfigKind, subject), null)]);
            return level;
        }
    }

    /// <summary>A subject's own mode, or (null) the global one; <c>null</c> where it has none and the global one does not stand in.</summary>
    public string? Mode(string? subject, bool defaultToGlobal)
    {
        lock (_gate)
            return subject is null || defaultToGlobal ? ModeOf(subject ?? Global) : _modes.GetValueOrDefault(subject);
    }

    /// <param name="force">Allows importing into a subject that has schemas already.</param>
    public void SetMode(string? subject, string mode, bool force)
    {
        lock (_gate)
        {
            if (mode == Modes.Import && !force && (subject is null ? Everything.Any() : Visible(subject).Count > 0))
                throw RegistryException.NotPermitted("Cannot import since found existing subjects");
            _store.Write([(SchemaStore.SettingKey(ModeKind, subject), new JsonObject { ["mode"] = mode })]);
            _modes[subject ?? Global] = mode;
        }
    }

    /// <summary>Takes a subject's mode back; returns what it was.</summary>
    public string DeleteMode(string subject)
    {
        lock (_gate)
        {
            if (!_modes.Remove(subject, out string? mode))
                throw RegistryException.NoSubjectMode(subject);
            _store.Write([(SchemaStore.SettingKey(ModeKind, subject), null)]);
            return mode;
        }
    }

    private CompatibilityLevel LevelOf(string subject) => _levels.GetValueOrDefault(subject) ?? _levels.GetValueOrDefault(Global) ?? CompatibilityLevel.Default;

    private string ModeOf(string subject) =>
        _modes.GetValueOrDefault(Global) == Modes.ReadOnlyOverride ? Modes.ReadOnlyOverride : _modes.GetValueOrDefault(subject) ?? _modes.GetValueOrDefault(Global) ?? Modes.ReadWrite;

    private void Save(SchemaVersion version)
    {
        _store.Write([(SchemaStore.SchemaKey(version.Subject, version.Version), ToRecord(version))]);
        Remember(version);
    }

    private void Delete(IReadOnlyList<SchemaVersion> versions, bool permanent)
    {
        _store.Write([.. versions.Select(version => (SchemaStore.SchemaKey(version.Subject, version.Version), permanent ? null : ToRecord(version with { Deleted = true })))]);
        foreach (SchemaVersion version in versions)
        {
            if (!permanent)
            {
                Remember(version with { Deleted = true });
                continue;
            }
            List<SchemaVersion> rest = _subjects[version.Subject];
            rest.Remove(version);
            if (rest.Count == 0)
                _subjects.Remove(version.Subject);
        }
    }

    private void Remember(SchemaVersion version)
    {
        if (!_subjects.TryGetValue(version.Subject, out List<SchemaVersion>? versions))
            _subjects[version.Subject] = versions = [];
        versions.RemoveAll(other => other.Version == version.Version);
        int index = versions.FindIndex(other => other.Version > version.Version);
        versions.Insert(index < 0 ? versions.Count : index, version);
        _lastId = Math.Max(_lastId, version.Id);
    }

    private void Restore(JsonObject key, JsonObject value)
    {
        string? subject = key["subject"]?.GetValue<string>();
        switch (key["keytype"]?.GetValue<string>())
        {
            case "SCHEMA":
                IReadOnlyList<SchemaReference> references = RegistryJson.References(value);
                string schema = value["schema"]!.GetValue<string>();
                Remember(new SchemaVersion(
                    subject!, value["version"]!.GetValue<int>(), value["id"]!.GetValue<int>(), schema, references, SchemaText.Identity(schema, references),
                    value["deleted"]?.GetValue<bool>() ?? false));
                break;
            case ConfigKind:
                _levels[subject ?? Global] = CompatibilityLevel.Parse(value["compatibilityLevel"]?.GetValue<string>());
                break;
            case ModeKind:
                _modes[subject ?? Global] = value["mode"]!.GetValue<string>();
                break;
        }
    }

    private static JsonObject ToRecord(SchemaVersion version)
    {
        JsonObject record = new() { ["subject"] = version.Subject, ["version"] = version.Version, ["id"] = version.Id };
        if (version.References.Count > 0)
            record["references"] = RegistryJson.Of(version.References);
        record["schema"] = version.Schema;
        record["deleted"] = version.Deleted;
        return record;
    }
}

/// <summary>What may be done with a subject.</summary>
internal static class Modes
{
    public const string ReadWrite = "READWRITE";
    public const string ReadOnly = "READONLY";
    public const string ReadOnlyOverride = "READONLY_OVERRIDE";
    public const string Import = "IMPORT";

    /// <exception cref="RegistryException">There is no such mode.</exception>
    public static string Parse(string? mode) =>
        mode?.ToUpperInvariant() is ReadWrite or ReadOnly or ReadOnlyOverride or Import ? mode.ToUpperInvariant() : throw RegistryException.InvalidMode();
}
