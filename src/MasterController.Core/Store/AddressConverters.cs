using System.Text.Json;
using System.Text.Json.Serialization;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Store;

internal sealed class Ipv4AddressConverter : JsonConverter<Ipv4Address>
{
    public override Ipv4Address Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Ipv4Address.TryParse(reader.GetString(), out var address)
            ? address
            : throw new JsonException($"\"{reader.GetString()}\" is not an IPv4 address");

    public override void Write(Utf8JsonWriter writer, Ipv4Address value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

internal sealed class Ipv4NetworkConverter : JsonConverter<Ipv4Network>
{
    public override Ipv4Network Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Ipv4Network.TryParse(reader.GetString(), out var network, out var error)
            ? network
            : throw new JsonException(error);

    public override void Write(Utf8JsonWriter writer, Ipv4Network value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

internal sealed class Ipv6AddressConverter : JsonConverter<Ipv6Address>
{
    public override Ipv6Address Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Ipv6Address.TryParse(reader.GetString(), out var address)
            ? address
            : throw new JsonException($"\"{reader.GetString()}\" is not an IPv6 address");

    public override void Write(Utf8JsonWriter writer, Ipv6Address value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

internal sealed class Ipv6NetworkConverter : JsonConverter<Ipv6Network>
{
    public override Ipv6Network Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Ipv6Network.TryParse(reader.GetString(), out var network, out var error)
            ? network
            : throw new JsonException(error);

    public override void Write(Utf8JsonWriter writer, Ipv6Network value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
