using System.Text.Json;
using System.Text.Json.Serialization;

namespace MasterController.Core.Hypervisors.Qemu;

/// <summary>One command, docs/interop/qmp-spec of QEMU.</summary>
internal sealed record QmpCommand([property: JsonPropertyName("execute")] string Execute);

/// <summary>Any message of the server: the greeting, an event, an answer, or an error.</summary>
internal sealed record QmpMessage(
    [property: JsonPropertyName("QMP")] JsonElement? Greeting = null,
    [property: JsonPropertyName("event")] string? Event = null,
    [property: JsonPropertyName("return")] JsonElement? Return = null,
    [property: JsonPropertyName("error")] QmpError? Error = null
);

internal sealed record QmpError(
    [property: JsonPropertyName("class")] string Class,
    [property: JsonPropertyName("desc")] string Description
);

internal sealed record QmpStatus([property: JsonPropertyName("status")] string Status);

[JsonSerializable(typeof(QmpCommand))]
[JsonSerializable(typeof(QmpMessage))]
[JsonSerializable(typeof(QmpStatus))]
internal sealed partial class QmpJson : JsonSerializerContext;
