using System.Buffers;
using System.Text;
using System.Text.Json;

namespace MasterController.Daemon.Access;

/// <summary>A request's body as the audit log keeps it.</summary>
internal sealed class AuditBody : IDisposable
{
    /// <summary>Of a larger body only its size is kept.</summary>
    private const int MostBytes = 64 * 1024;

    /// <summary>A member whose name has one of these in it is secret.</summary>
    private static readonly string[] _secretNames = ["secret", "password", "token"];

    private const string Hidden = "(secret)";

    private readonly JsonDocument _document;

    private AuditBody(JsonDocument document) => (_document, Kept) = (document, Write(document.RootElement));

    public JsonElement Root => _document.RootElement;

    /// <summary>Without secrets.</summary>
    public string Kept { get; }

    /// <summary>Reads the body, which the handler then reads once more; null where there is none, or it is no JSON.</summary>
    public static async Task<AuditBody?> TakeAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        buffer.Position = 0;
        request.Body = buffer;
        if (buffer.Length == 0)
            return null;
        try
        {
            return new AuditBody(JsonDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length)));
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            // The latter is of texts that are no Unicode, such as half of a surrogate pair.
            return null;
        }
    }

    public void Dispose() => _document.Dispose();

    internal static string Write(JsonElement body)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
            Write(writer, body, isSecret: false);
        return bytes.WrittenCount <= MostBytes
            ? Encoding.UTF8.GetString(bytes.WrittenSpan)
            : $$"""{"omittedBytes":{{bytes.WrittenCount}}}""";
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, bool isSecret)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, isSecret || IsSecret(member.Name));
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item, isSecret);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Null:
                writer.WriteNullValue();
                break;
            default:
                if (isSecret)
                    writer.WriteStringValue(Hidden);
                else
                    value.WriteTo(writer);
                break;
        }
    }

    private static bool IsSecret(string name) =>
        _secretNames.Any(secret => name.Contains(secret, StringComparison.OrdinalIgnoreCase));
}
