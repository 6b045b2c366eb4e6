using System.Text.Json;
using MasterController.Core.Access;
using MasterController.Core.Addressing;
using MasterController.Core.External;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Operations;
using MasterController.Core.PoolChanges;
using MasterController.Core.Vms;

namespace MasterController.Core.Store;

/// <summary>Reads documents that an older version may have written: a collection it did not know is empty.</summary>
internal static class StoreDocuments
{
    public static PoolDefinition ReadPool(string json) => Complete(Read(json, StoreJson.Default.PoolDefinition));

    public static byte[] Write(IReadOnlyList<ForeignRule> rules) =>
        JsonSerializer.SerializeToUtf8Bytes(rules, StoreJson.Default.IReadOnlyListForeignRule);

    public static IReadOnlyList<ForeignRule> ReadForeignRules(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, StoreJson.Default.IReadOnlyListForeignRule) ?? [];

    public static PoolChange ReadPoolChange(string json)
    {
        var change = Read(json, StoreJson.Default.PoolChange);
        return change with
        {
            Request = change.Request ?? throw Lacks("request"),
            Before = Complete(change.Before ?? throw Lacks("before")),
            After = Complete(change.After ?? throw Lacks("after")),
            Replaced = change.Replaced ?? [],
            Answered = change.Answered ?? [],
            PutsBack = change.PutsBack ?? [],
        };

        static JsonException Lacks(string member) => new($"a PoolChange without \"{member}\"");
    }

    public static VmRecord ReadVm(string json)
    {
        var vm = Read(json, StoreJson.Default.VmRecord);
        return vm with
        {
            Labels = vm.Labels ?? new Dictionary<string, string>(),
            Egress = vm.Egress is { } egress
                ? egress with
                {
                    Allow = egress.Allow ?? [],
                    Deny = egress.Deny ?? [],
                }
                : null,
            External = vm.External is { } external ? Complete(external) : null,
        };
    }

    public static byte[] Write(IReadOnlyList<ExternalVmChange> changes) =>
        JsonSerializer.SerializeToUtf8Bytes(changes, StoreJson.Default.IReadOnlyListExternalVmChange);

    public static IReadOnlyList<ExternalVmChange> ReadExternalChanges(string json) =>
        [
            .. (JsonSerializer.Deserialize(json, StoreJson.Default.IReadOnlyListExternalVmChange) ?? []).Select(c =>
                c with
                {
                    Before = Complete(c.Before ?? ExternalAccess.None),
                    After = Complete(c.After ?? ExternalAccess.None),
                }
            ),
        ];

    public static ApiKey ReadApiKey(string json) => Read(json, StoreJson.Default.ApiKey);

    public static Operation ReadOperation(string json)
    {
        var operation = Read(json, StoreJson.Default.Operation);
        return operation with { Steps = operation.Steps ?? [] };
    }

    /// <summary>As it is stored, for a person or a backup.</summary>
    public static byte[] Write(PoolDefinition pool) =>
        JsonSerializer.SerializeToUtf8Bytes(pool, StoreJson.Default.PoolDefinition);

    private static ExternalAccess Complete(ExternalAccess access) =>
        access with
        {
            Open = access.Open ?? [],
            Forwards = access.Forwards ?? [],
        };

    private static PoolDefinition Complete(PoolDefinition pool) =>
        pool with
        {
            Ranges = [.. (pool.Ranges ?? []).Select(r => r with { Reservations = r.Reservations ?? [] })],
            KeptGateways = pool.KeptGateways ?? [],
            Drains = pool.Drains ?? [],
        };

    private static T Read<T>(string json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class =>
        JsonSerializer.Deserialize(json, type) ?? throw new JsonException($"a {typeof(T).Name} that is null");
}
