using System.Text.Json.Serialization;

namespace MasterController.Core.HostNetwork.ForeignRules;

/// <summary>What has to be known of others' rules to put them back where they were.</summary>
/// <param name="Chains">All rules of the chains that the removed ones were in, in their order.</param>
/// <param name="Files">The files that they were in.</param>
internal sealed record ForeignRulesSaved(IReadOnlyList<SavedChain> Chains, IReadOnlyList<SavedFile> Files);

/// <param name="Place">"ip nat POSTROUTING".</param>
/// <param name="Rules">Netlink attributes in base64, counters as they stood.</param>
internal sealed record SavedChain(string Place, IReadOnlyList<string> Rules);

/// <param name="Copy">The name of its copy beside this.</param>
internal sealed record SavedFile(string Path, string Copy);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ForeignRulesSaved))]
internal sealed partial class ForeignRuleJson : JsonSerializerContext;
