namespace MasterController.Core.HostNetwork.Drift;

/// <summary>The parts of an attachment that can differ from what they should be.</summary>
[Flags]
internal enum AttachmentParts : byte
{
    None = 0,

    /// <summary>There is no TAP of ours.</summary>
    Missing = 1,

    /// <summary>Owner, virtio-net header, persistence.</summary>
    Tap = 2,

    /// <summary>Up, MAC, group.</summary>
    Link = 4,

    /// <summary>forwarding, proxy_arp, rp_filter, proxy_delay; IPv6 off, or on without addresses of its own making.</summary>
    Settings = 8,
    Route = 16,
    Neighbour = 32,

    /// <summary>Of a guest of the bridge, in place of route and neighbour: port, entries, elements.</summary>
    Bridge = 64,

    /// <summary>What dedicated addresses need: entries that are looked at one by one.</summary>
    Dedicated = 128,
}
