using System.Text.Json;
using System.Text.Json.Serialization;
using MasterController.Core.HostNetwork.Policies;

namespace MasterController.Core.Store;

internal sealed class EgressRuleConverter : JsonConverter<EgressRule>
{
    public override EgressRule Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        EgressRule.TryParse(reader.GetString(), out var rule, out var error) ? rule : throw new JsonException(error);

    public override void Write(Utf8JsonWriter writer, EgressRule value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
