using System.Text.Json;

namespace Assay.Streams.Internal.Persistence;

/// <summary>What a state folder says of itself, so that one that does not fit is known before it is read.</summary>
/// <param name="Format">Of all that is in the folder.</param>
/// <param name="ApplicationId">Whose state it is.</param>
/// <param name="Stores">What each store holds, by its name.</param>
internal sealed record StateMarker(int Format, string ApplicationId, SortedDictionary<string, string> Stores)
{
    private const int CurrentFormat = 1;
    private const string FileName = "state.json";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Compares the folder's marker with the application, and writes what is new.</summary>
    /// <exception cref="StreamsException">They do not fit.</exception>
    public static void Check(string folder, string applicationId, IEnumerable<StoreBuilder> builders)
    {
        Dictionary<string, string> stores = builders.ToDictionary(builder => builder.Name, builder => builder.Description, StringComparer.Ordinal);
        StateMarker? found = Read(folder, applicationId);
        if (found is not null)
        {
            foreach ((string store, string kind) in stores)
            {
                if (found.Stores.TryGetValue(store, out string? kept) && kept != kind)
                    throw Unfit(folder, applicationId, $"keeps the store '{store}' as {kept}, and the topology now has {kind}");
            }
            foreach ((string store, string kept) in found.Stores)
                stores.TryAdd(store, kept);
            if (stores.Count == found.Stores.Count)
                return;
        }
        string file = Path.Combine(folder, FileName);
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(new StateMarker(CurrentFormat, applicationId, new SortedDictionary<string, string>(stores, StringComparer.Ordinal)), Json));
        File.Move(file + ".new", file, overwrite: true);
    }

    private static StateMarker? Read(string folder, string applicationId)
    {
        string file = Path.Combine(folder, FileName);
        if (!File.Exists(file))
        {
            return Directory.EnumerateDirectories(folder).Any()
                ? throw Unfit(folder, applicationId, $"holds folders but no {FileName}")
                : null;
        }
        StateMarker? marker;
        try
        {
            marker = JsonSerializer.Deserialize<StateMarker>(File.ReadAllText(file), Json);
        }
        catch (JsonException)
        {
            marker = null;
        }
        if (marker is not { Format: > 0, ApplicationId: not null, Stores: not null })
            throw Unfit(folder, applicationId, $"has a {FileName} that cannot be read");
        if (marker.Format != CurrentFormat)
            throw Unfit(folder, applicationId, $"has format {marker.Format}, and this version reads format {CurrentFormat}");
        if (marker.ApplicationId != applicationId)
            throw Unfit(folder, applicationId, $"was written by the application '{marker.ApplicationId}'");
        return marker;
    }

    private static StreamsException Unfit(string folder, string applicationId, string why) => new(
        $"The state folder {folder} {why}: delete it, so that {applicationId} restores its state from the changelogs, or set {nameof(StreamsOptions)}.{nameof(StreamsOptions.StateDir)} to another folder.");
}
