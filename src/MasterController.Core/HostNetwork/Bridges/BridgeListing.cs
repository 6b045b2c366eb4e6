using System.Buffers;
using System.Text.Json;

namespace MasterController.Core.HostNetwork.Bridges;

/// <summary>Our table for the bridge as nft lists it (libnftables-json(5)); it is small, and so is each of its sets.</summary>
/// <param name="Sets">Every set's elements, each as nft writes it: "fc-1 . 02:fc:c0:a8:64:02 . 192.168.100.2", "fc-1".</param>
/// <param name="Fingerprint">Of everything but elements, counters and the marker itself.</param>
/// <param name="Marker">The comment of the marker rule; null where there is none.</param>
internal sealed record BridgeListing(
    IReadOnlyDictionary<string, IReadOnlySet<string>> Sets,
    string Fingerprint,
    string? Marker
)
{
    /// <summary>The marker of a table that was made from these rules and has not been touched since.</summary>
    internal string MarkerFor(string rules) => $"rules {rules} listed {Fingerprint}";

    internal static BridgeListing Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var sets = new Dictionary<string, IReadOnlySet<string>>();
        string? marker = null;
        var canonical = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(canonical);
        writer.WriteStartArray();
        foreach (var item in document.RootElement.GetProperty("nftables").EnumerateArray())
        {
            if (item.TryGetProperty("metainfo", out _))
                continue;
            if (item.TryGetProperty("set", out var set))
                sets[set.GetProperty("name").GetString()!] = ReadElements(set);
            if (
                item.TryGetProperty("rule", out var rule)
                && rule.GetProperty("chain").ValueEquals(FirewallRuleset.MarkerChain)
            )
                marker = rule.TryGetProperty("comment", out var comment) ? comment.GetString() : marker;
            else
                WriteCanonical(writer, item);
        }
        writer.WriteEndArray();
        writer.Flush();
        return new BridgeListing(sets, FirewallRuleset.FingerprintOf(canonical.WrittenSpan), marker);
    }

    private static HashSet<string> ReadElements(JsonElement set)
    {
        var elements = new HashSet<string>();
        if (set.TryGetProperty("elem", out var list))
            foreach (var element in list.EnumerateArray())
                elements.Add(ElementText(element));
        return elements;
    }

    private static string ElementText(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.String => element.GetString()!,
            JsonValueKind.Object when element.TryGetProperty("concat", out var parts) => string.Join(
                " . ",
                parts.EnumerateArray().Select(ElementText)
            ),
            // Anything else is none of ours; as raw text it differs from all that is desired.
            _ => element.GetRawText(),
        };

    private static void WriteCanonical(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject())
                    if (property.Name is not ("handle" or "elem" or "packets" or "bytes"))
                    {
                        writer.WritePropertyName(property.Name);
                        WriteCanonical(writer, property.Value);
                    }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    WriteCanonical(writer, item);
                writer.WriteEndArray();
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
