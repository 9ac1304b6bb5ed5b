using System.Text.Json.Nodes;

namespace Assay.Broker.Registry;

/// <content>Compatibility and mode, for all and per subject.</content>
internal sealed partial class SchemaRegistry
{
    private const string ConfigKind = "CONFIG";
    private const string ModeKind = "MODE";
    /// <summary>Stands for all subjects in <see cref="_configs"/> and <see cref="_modes"/>; no subject has the empty name.</summary>
    private const string Global = "";

    private static readonly SubjectConfig Defaults = new(CompatibilityLevel.Default, null);

    private readonly Dictionary<string, SubjectConfig> _configs = [];
    private readonly Dictionary<string, string> _modes = [];

    /// <summary>What is set for a subject, or (null) for all; <c>null</c> where nothing is and the global setting does not stand in.</summary>
    public SubjectConfig? Config(string? subject, bool defaultToGlobal)
    {
        lock (_gate)
            return subject is null || defaultToGlobal ? ConfigOf(subject ?? Global) : _configs.GetValueOrDefault(subject);
    }

    /// <summary>Sets what <paramref name="change"/> names and leaves the rest.</summary>
    public void SetConfig(string? subject, SubjectConfig change)
    {
        lock (_gate)
        {
            if (subject is not null)
                MustBeASubject(subject);
            MustBeWritable(subject);
            SubjectConfig config = change.Over(_configs.GetValueOrDefault(subject ?? Global, SubjectConfig.None));
            JsonObject record = config.ToJson();
            record["subject"] = subject;
            _store.Write([(SchemaStore.SettingKey(ConfigKind, subject), record)]);
            _configs[subject ?? Global] = config;
        }
    }

    /// <summary>Takes settings back; returns what they were.</summary>
    public SubjectConfig DeleteConfig(string? subject)
    {
        lock (_gate)
        {
            MustBeWritable(subject);
            if (!_configs.TryGetValue(subject ?? Global, out SubjectConfig? config))
                return subject is null ? Defaults : throw RegistryException.SubjectNotFound(subject);
            _store.Write([(SchemaStore.SettingKey(ConfigKind, subject), null)]);
            _configs.Remove(subject ?? Global);
            return config;
        }
    }

    /// <summary>A subject's own mode, or (null) the global one; <c>null</c> where it has none and the global one does not stand in.</summary>
    public string? Mode(string? subject, bool defaultToGlobal)
    {
        lock (_gate)
            return subject is null || defaultToGlobal ? ModeOf(subject ?? Global) : _modes.GetValueOrDefault(subject);
    }

    /// <summary>Sets a mode. Importing begins with no schemas: soft-deleted ones are removed, others are refused.</summary>
    /// <param name="force">Allows importing into a subject that has schemas already.</param>
    public void SetMode(string? subject, string mode, bool force)
    {
        lock (_gate)
        {
            if (subject is not null)
                MustBeASubject(subject);
            if (mode == Modes.Import && !force && ModeOf(subject ?? Global) != Modes.Import)
            {
                List<SchemaVersion> present = [.. subject is null ? Everything : _subjects.GetValueOrDefault(subject) ?? []];
                if (present.Exists(version => !version.Deleted))
                    throw RegistryException.NotPermitted("Cannot import since found existing subjects");
                foreach (SchemaVersion version in present)
                    MustNotBeReferenced(version, deleted: true, but: version.Subject);
                if (present.Count > 0)
                    Delete(present, permanent: true);
            }
            _store.Write([(SchemaStore.SettingKey(ModeKind, subject), new JsonObject { ["subject"] = subject, ["mode"] = mode })]);
            _modes[subject ?? Global] = mode;
        }
    }

    /// <summary>Takes a mode back; returns what it was.</summary>
    public string DeleteMode(string? subject)
    {
        lock (_gate)
        {
            if (!_modes.TryGetValue(subject ?? Global, out string? mode))
                return subject is null ? Modes.ReadWrite : throw RegistryException.SubjectNotFound(subject);
            _store.Write([(SchemaStore.SettingKey(ModeKind, subject), null)]);
            _modes.Remove(subject ?? Global);
            return mode;
        }
    }

    private SubjectConfig ConfigOf(string subject) =>
        _configs.GetValueOrDefault(subject, SubjectConfig.None).Over(_configs.GetValueOrDefault(Global, SubjectConfig.None)).Over(Defaults);

    private CompatibilityLevel LevelOf(string subject) => ConfigOf(subject).Level!;

    private bool NormalizesIn(string subject) => ConfigOf(subject).Normalize == true;

    private string ModeOf(string subject) =>
        _modes.GetValueOrDefault(Global) == Modes.ReadOnlyOverride ? Modes.ReadOnlyOverride : _modes.GetValueOrDefault(subject) ?? _modes.GetValueOrDefault(Global) ?? Modes.ReadWrite;

    /// <summary>The keys of a subject's own settings.</summary>
    private IEnumerable<JsonObject> SettingsOf(string subject)
    {
        if (_configs.ContainsKey(subject))
            yield return SchemaStore.SettingKey(ConfigKind, subject);
        if (_modes.ContainsKey(subject))
            yield return SchemaStore.SettingKey(ModeKind, subject);
    }

    private void ForgetSettings(string subject)
    {
        _configs.Remove(subject);
        _modes.Remove(subject);
    }
}
