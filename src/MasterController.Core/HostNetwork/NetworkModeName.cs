using System.Diagnostics;

namespace MasterController.Core.HostNetwork;

/// <summary>The modes by the names that operators write.</summary>
public static class NetworkModeName
{
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<NetworkMode>().Select(Of)];

    /// <summary>Every name, for people: "routed", "bridge".</summary>
    public static string All => string.Join(", ", Names.Select(name => $"\"{name}\""));

    public static string Of(NetworkMode mode) =>
        mode switch
        {
            NetworkMode.Routed => "routed",
            NetworkMode.Bridge => "bridge",
            _ => throw new UnreachableException(),
        };

    /// <summary>Null where no mode has the name.</summary>
    public static NetworkMode? Parse(string name) =>
        name switch
        {
            "routed" => NetworkMode.Routed,
            "bridge" => NetworkMode.Bridge,
            _ => null,
        };
}
