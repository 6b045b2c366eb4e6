using MasterController.Linux.Addresses;

namespace MasterController.Core.Hypervisors;

/// <summary>
/// The user that a VM's process runs as: one for each VM, so that a guest which escapes from its hypervisor reads no
/// other VM's disk, socket or memory. It comes from the address: no table, no entry in /etc/passwd, the same again
/// after a restart.
/// </summary>
public static class HypervisorUser
{
    /// <summary>
    /// The block 1879048192–2147483647, which systemd's "Users, Groups, UIDs and GIDs" leaves free: above its containers'
    /// (524288–1879048191), below 2^31, where programs that take a uid for a signed number go wrong.
    /// </summary>
    public const uint First = 0x7000_0000;

    private const uint AddressBits = 0x0fff_ffff;

    /// <summary>
    /// The low 28 bits of the address over <see cref="First"/>. They tell apart all addresses of 10.0.0.0/8,
    /// 172.16.0.0/12, 192.168.0.0/16 (RFC 1918) and 100.64.0.0/10 (RFC 6598); two others can meet only where they
    /// differ in nothing but their first four bits.
    /// </summary>
    public static uint Of(Ipv4Address address) => First | (address.Value & AddressBits);
}
