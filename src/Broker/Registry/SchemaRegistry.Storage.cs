using System.Text.Json.Nodes;

namespace Assay.Broker.Registry;

/// <content>Schemas as Confluent's records.</content>
internal sealed partial class SchemaRegistry
{
    /// <param name="replaced">Versions that go with it.</param>
    private void Save(SchemaVersion version, IReadOnlyList<SchemaVersion> replaced)
    {
        _store.Write([.. replaced.Select(old => (SchemaStore.SchemaKey(old.Subject, old.Version), (JsonObject?)null)),
            (SchemaStore.SchemaKey(version.Subject, version.Version), ToRecord(version))]);
        foreach (SchemaVersion old in replaced)
            Forget(old);
        Remember(version);
    }

    private void Delete(IReadOnlyList<SchemaVersion> versions, bool permanent)
    {
        List<(JsonObject Key, JsonObject? Value)> changes =
            [.. versions.Select(version => (SchemaStore.SchemaKey(version.Subject, version.Version), permanent ? null : ToRecord(version with { Deleted = true })))];
        IReadOnlyList<string> gone = !permanent ? [] :
            [.. versions.GroupBy(version => version.Subject).Where(group => group.Count() == _subjects[group.Key].Count).Select(group => group.Key)];
        foreach (string subject in gone)
            changes.AddRange(SettingsOf(subject).Select(key => (key, (JsonObject?)null)));
        _store.Write(changes);
        foreach (SchemaVersion version in versions)
            if (permanent)
                Forget(version);
            else
                Remember(version with { Deleted = true });
        foreach (string subject in gone)
            ForgetSettings(subject);
    }

    private void Forget(SchemaVersion version)
    {
        List<SchemaVersion> rest = _subjects[version.Subject];
        rest.Remove(version);
        if (rest.Count == 0)
            _subjects.Remove(version.Subject);
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
                _configs[subject ?? Global] = SubjectConfig.FromRecord(value);
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
