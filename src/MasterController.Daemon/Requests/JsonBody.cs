using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MasterController.Daemon.Errors;

namespace MasterController.Daemon.Requests;

/// <summary>A request's body: its value, or the problem to answer with.</summary>
/// <param name="Bytes">As they came, for the hash of an idempotency key.</param>
public sealed record JsonBody<T>(T? Value, ReadOnlyMemory<byte> Bytes, ProblemResult? Problem)
    where T : class;

/// <summary>
/// Reads bodies so that every wrong field is named at once with its value; the framework's own binding stops at the
/// first and names none.
/// </summary>
internal static class JsonBody
{
    public const int MostBytes = 1024 * 1024;

    public static async Task<JsonBody<T>> ReadAsync<T>(
        HttpRequest request,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
        where T : class
    {
        var body = await ReadOptionalAsync(request, type, cancellationToken);
        return body is { Value: null, Problem: null }
            ? body with
            {
                Problem = Problems.Invalid("body", "a JSON object is required"),
            }
            : body;
    }

    /// <summary>Without a body the value is null.</summary>
    public static async Task<JsonBody<T>> ReadOptionalAsync<T>(
        HttpRequest request,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
        where T : class
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        var bytes = buffer.ToArray();
        if (bytes.Length == 0)
            return new JsonBody<T>(Value: null, bytes, Problem: null);
        if (!request.HasJsonContentType())
            return new JsonBody<T>(Value: null, bytes, Problems.UnsupportedMediaType(request.ContentType));
        return Parse(bytes, type);
    }

    internal static JsonBody<T> Parse<T>(byte[] bytes, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(
                bytes,
                new JsonDocumentOptions { AllowDuplicateProperties = false }
            );
            var errors = JsonShape.Check(document.RootElement, type);
            return errors.Count > 0
                ? new JsonBody<T>(Value: null, bytes, Problems.Invalid(errors))
                : new JsonBody<T>(document.RootElement.Deserialize(type), bytes, Problem: null);
        }
        catch (JsonException wrong)
        {
            var where = wrong.LineNumber is { } line
                ? $" (line {line + 1}, column {wrong.BytePositionInLine + 1})"
                : "";
            return new JsonBody<T>(Value: null, bytes, Problems.Invalid("body", $"is not valid JSON{where}"));
        }
        catch (InvalidOperationException)
        {
            // What the reader says of a name or a text that is half of a surrogate pair, or not UTF-8.
            return new JsonBody<T>(Value: null, bytes, Problems.Invalid("body", "has text that is not Unicode"));
        }
    }
}
