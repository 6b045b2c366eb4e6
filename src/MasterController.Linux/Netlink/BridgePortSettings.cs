namespace MasterController.Linux.Netlink;

/// <summary>What a bridge does with one of its ports (<c>bridge -details link show</c>).</summary>
/// <param name="Isolated">No frame goes from it to another isolated port, nor from there to it.</param>
/// <param name="Learning">Whether the port's frames teach the bridge where a hardware address is.</param>
/// <param name="Flood">Whether it gets frames for hardware addresses that the bridge does not know.</param>
public readonly record struct BridgePortSettings(bool Isolated, bool Learning, bool Flood)
{
    internal static BridgePortSettings Read(AttributeReader settings)
    {
        var port = default(BridgePortSettings);
        while (settings.TryRead())
            port = settings.Type switch
            {
                Rt.IFLA_BRPORT_ISOLATED => port with { Isolated = settings.Byte != 0 },
                Rt.IFLA_BRPORT_LEARNING => port with { Learning = settings.Byte != 0 },
                Rt.IFLA_BRPORT_UNICAST_FLOOD => port with { Flood = settings.Byte != 0 },
                _ => port,
            };
        return port;
    }
}
