using System.Text.Json;

namespace MasterController.Dashboard.Components.Events;

/// <summary>What became of one value: null where it was not there, or is not any more.</summary>
public sealed record JsonChange(string Path, string? Before, string? After);

/// <summary>
/// The leaves in which two JSON values differ, in the order of the later one. Items of arrays are compared by their place,
/// but for arrays of plain values, of which only those are named that came or went.
/// </summary>
public static class JsonDifference
{
    public static IReadOnlyList<JsonChange> Of(JsonElement? before, JsonElement? after)
    {
        List<JsonChange> changes = [];
        Add(changes, "", There(before), There(after));
        return changes;
    }

    private static JsonElement? There(JsonElement? value) =>
        value is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } ? value : null;

    private static void Add(List<JsonChange> changes, string path, JsonElement? before, JsonElement? after)
    {
        if (before is { } b && after is { } a && JsonElement.DeepEquals(b, a))
            return;
        if (IsObject(before) || IsObject(after))
            AddObject(changes, path, before, after);
        else if (IsPlainArray(before) && IsPlainArray(after))
            AddPlain(changes, path, before!.Value, after!.Value);
        else if (IsArray(before) || IsArray(after))
            AddArray(changes, path, before, after);
        else if (before is not null || after is not null)
            changes.Add(new JsonChange(path, Text(before), Text(after)));
    }

    private static void AddObject(List<JsonChange> changes, string path, JsonElement? before, JsonElement? after)
    {
        var (old, now) = (Members(before), Members(after));
        // A plain value that became an object, or was one.
        if (old is null && before is not null)
            changes.Add(new JsonChange(path, Text(before), null));
        if (now is null && after is not null)
            changes.Add(new JsonChange(path, null, Text(after)));
        foreach (var name in (now ?? []).Keys.Union((old ?? []).Keys))
            Add(changes, path.Length == 0 ? name : $"{path}.{name}", Member(old, name), Member(now, name));
    }

    private static void AddArray(List<JsonChange> changes, string path, JsonElement? before, JsonElement? after)
    {
        var (old, now) = (Items(before), Items(after));
        if (old.Length == 0 && now.Length == 0)
            changes.Add(new JsonChange(path, Text(before), Text(after)));
        for (var i = 0; i < Math.Max(old.Length, now.Length); i++)
            Add(changes, $"{path}[{i}]", i < old.Length ? old[i] : null, i < now.Length ? now[i] : null);
    }

    private static void AddPlain(List<JsonChange> changes, string path, JsonElement before, JsonElement after)
    {
        string?[] old = [.. before.EnumerateArray().Select(v => Text(v))];
        string?[] now = [.. after.EnumerateArray().Select(v => Text(v))];
        foreach (var gone in old.Except(now))
            changes.Add(new JsonChange($"{path}[]", gone, null));
        foreach (var come in now.Except(old))
            changes.Add(new JsonChange($"{path}[]", null, come));
        // Nothing but their order, or how often one is there.
        if (!old.Except(now).Any() && !now.Except(old).Any())
            changes.Add(new JsonChange(path, string.Join(", ", old), string.Join(", ", now)));
    }

    private static bool IsObject(JsonElement? value) => value?.ValueKind == JsonValueKind.Object;

    private static bool IsArray(JsonElement? value) => value?.ValueKind == JsonValueKind.Array;

    private static bool IsPlainArray(JsonElement? value) =>
        IsArray(value)
        && value!.Value.EnumerateArray().All(v => v.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array));

    private static Dictionary<string, JsonElement>? Members(JsonElement? value) =>
        IsObject(value) ? value!.Value.EnumerateObject().ToDictionary(m => m.Name, m => m.Value) : null;

    private static JsonElement? Member(Dictionary<string, JsonElement>? members, string name) =>
        members is not null && members.TryGetValue(name, out var value) ? There(value) : null;

    private static JsonElement[] Items(JsonElement? value) => IsArray(value) ? [.. value!.Value.EnumerateArray()] : [];

    private static string? Text(JsonElement? value) =>
        value is not { } there ? null
        : there.ValueKind == JsonValueKind.String ? there.GetString()
        : there.GetRawText();
}
