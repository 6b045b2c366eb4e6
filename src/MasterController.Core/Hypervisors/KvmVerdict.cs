using System.Text.Json.Serialization;

namespace MasterController.Core.Hypervisors;

/// <summary>Whether KVM boots a guest on this host.</summary>
/// <param name="Key">What it depends on; with another key it has to be made again.</param>
/// <param name="Detail">What was seen, for people.</param>
public sealed record KvmVerdict(string Key, bool Boots, string Detail, DateTimeOffset MadeAt);

[JsonSerializable(typeof(KvmVerdict))]
internal sealed partial class KvmVerdictJson : JsonSerializerContext;
