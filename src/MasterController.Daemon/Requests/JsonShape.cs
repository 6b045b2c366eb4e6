using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MasterController.Daemon.Configuration;

namespace MasterController.Daemon.Requests;

/// <summary>
/// Compares JSON with the type it is to become and names all that does not fit: unknown members and values of the
/// wrong kind, each with its path ("ranges[0].cidr").
/// </summary>
internal static class JsonShape
{
    private const int ShownCharacters = 60;

    public static IReadOnlyDictionary<string, string[]> Check(JsonElement json, JsonTypeInfo type)
    {
        Dictionary<string, string[]> errors = [];
        Check(json, type, path: "", errors);
        return errors;
    }

    private static void Check(JsonElement json, JsonTypeInfo type, string path, Dictionary<string, string[]> errors)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object when json.ValueKind == JsonValueKind.Object:
                CheckMembers(json, type, path, errors);
                break;
            case JsonTypeInfoKind.Enumerable when json.ValueKind == JsonValueKind.Array:
                var index = 0;
                foreach (var item in json.EnumerateArray())
                    CheckItem(item, type, $"{path}[{index++}]", errors);
                break;
            case JsonTypeInfoKind.Dictionary when json.ValueKind == JsonValueKind.Object:
                foreach (var member in json.EnumerateObject())
                    CheckItem(member.Value, type, Join(path, member.Name), errors);
                break;
            default:
                if (!Fits(json, type))
                    errors[path.Length == 0 ? "body" : path] = [$"{Shown(json)} is not {Expected(type)}"];
                break;
        }
    }

    private static void CheckMembers(
        JsonElement json,
        JsonTypeInfo type,
        string path,
        Dictionary<string, string[]> errors
    )
    {
        foreach (var member in json.EnumerateObject())
        {
            var known = type.Properties.FirstOrDefault(p => p.Name == member.Name);
            if (known is null)
            {
                var near = Suggestion.For(member.Name, [.. type.Properties.Select(p => p.Name)]);
                errors[Join(path, member.Name)] = [$"unknown member{near}"];
            }
            else if (member.Value.ValueKind != JsonValueKind.Null)
                Check(member.Value, type.Options.GetTypeInfo(known.PropertyType), Join(path, member.Name), errors);
        }
    }

    private static void CheckItem(
        JsonElement item,
        JsonTypeInfo collection,
        string path,
        Dictionary<string, string[]> errors
    ) => Check(item, collection.Options.GetTypeInfo(collection.ElementType!), path, errors);

    private static bool Fits(JsonElement json, JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.None || json.ValueKind == JsonValueKind.Null)
            return false;
        try
        {
            return json.Deserialize(type) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Expected(JsonTypeInfo type) =>
        type.Kind switch
        {
            JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
            JsonTypeInfoKind.Enumerable => "a list",
            _ => Type.GetTypeCode(Nullable.GetUnderlyingType(type.Type) ?? type.Type) switch
            {
                TypeCode.String => "a string",
                TypeCode.Boolean => "true or false",
                TypeCode.Int32 => "a whole number between -2147483648 and 2147483647",
                TypeCode.Int64 => "a whole number",
                TypeCode.Double => "a number",
                _ => "what is expected here",
            },
        };

    private static string Shown(JsonElement json)
    {
        var text = json.GetRawText();
        return text.Length <= ShownCharacters ? text : text[..ShownCharacters] + "…";
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
