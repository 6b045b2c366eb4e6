using System.Runtime.InteropServices;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using MasterController.Linux.Nftables;
using MasterController.Linux.Taps;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Bench.Subjects.Networks;

/// <summary>
/// System calls as a loop makes them: one after the other, each netlink request sent and answered by itself, checked for
/// nothing but success. In the namespace of the thread that makes this.
/// </summary>
internal sealed class BareCalls : IDisposable
{
    private const nuint TUNSETIFF = 0x400454ca; // linux/if_tun.h
    private const nuint TUNSETPERSIST = 0x400454cb;
    private const nuint TUNSETOWNER = 0x400454cc;
    private const short Flags = 0x0002 | 0x1000 | 0x4000; // IFF_TAP, IFF_NO_PI, IFF_VNET_HDR

    private readonly SafeFileHandle _control = Tap.OpenControlSocket();
    private readonly NetlinkBatch _request = new();
    private readonly bool _hasIpv6 = Directory.Exists("/proc/sys/net/ipv6");

    private readonly NftTable _table = NftTable.Open(HostNetworkMarks.FirewallTable);

    public NetlinkSocket Netlink { get; } = NetlinkSocket.Open();

    public static SafeFileHandle CreateTap(string name)
    {
        var device = Libc.open("/dev/net/tun", Libc.O_RDWR | Libc.O_CLOEXEC);
        var request = new InterfaceRequest(name) { Flags = Flags };
        Check(Libc.ioctl(device, TUNSETIFF, ref request), name);
        return device;
    }

    public static void SetOwner(SafeFileHandle tap, uint uid) => Check(Libc.ioctl(tap, TUNSETOWNER, uid), "owner");

    public static void Persist(SafeFileHandle tap) => Check(Libc.ioctl(tap, TUNSETPERSIST, 1), "persistence");

    public int IndexOf(string name) => Tap.IndexOf(_control, name);

    /// <summary>What does not depend on the address.</summary>
    public void Configure(string name, int index)
    {
        if (_hasIpv6)
            Write($"/proc/sys/net/ipv6/conf/{name}/disable_ipv6", "1"u8);
        Write($"/proc/sys/net/ipv4/neigh/{name}/proxy_delay", "0"u8);
        Ask(request =>
            request.LinkConfigure(index, HostNetworkMarks.RouterMac, HostNetworkMarks.LinkGroup, new(true, true, 1))
        );
    }

    /// <summary>Up, with route and neighbour.</summary>
    public void Lead(Attachment place, int index)
    {
        Ask(request => request.LinkUp(index));
        Ask(request =>
            request.RouteReplace(
                new Ipv4Network(place.Address, 32),
                index,
                Places.Gateway,
                HostNetworkMarks.RouteProtocol
            )
        );
        Ask(request => request.NeighbourReplace(index, place.Address, place.Mac));
    }

    /// <summary>One element, one transaction.</summary>
    public void AddPolicy(Attachment place, uint policy) =>
        _table.ChangeElements(
            EgressChain.Guests,
            [],
            [new NftElement(NftData.Of(place.Address), NftData.Number(policy))]
        );

    public void RemovePolicy(Attachment place) =>
        _table.ChangeElements(EgressChain.Guests, [NftData.Of(place.Address)], []);

    public void Ask(Action<NetlinkBatch> add)
    {
        _request.Clear();
        add(_request);
        _request.Stamp(Netlink.NextSequence(), perAcknowledgement: 1);
        Ask(_request.Slice(0, 1));
    }

    /// <param name="request">Asks for an acknowledgement.</param>
    public void Ask(ReadOnlySpan<byte> request)
    {
        Netlink.Send(request);
        // struct nlmsgerr behind the header: 0 for success.
        if (MemoryMarshal.Read<int>(Netlink.Receive()[Nl.HeaderLength..]) is not 0 and var error)
            throw new InvalidOperationException($"netlink: {Errno.Describe(-error)}");
    }

    public static void Write(string path, ReadOnlySpan<byte> text)
    {
        using var file = Libc.open(path, Libc.O_WRONLY | Libc.O_CLOEXEC);
        Check((int)Libc.write(file, text, (nuint)text.Length), path);
    }

    public void Dispose()
    {
        _table.Dispose();
        Netlink.Dispose();
        _control.Dispose();
    }

    private static void Check(int result, string what)
    {
        if (result < 0)
            throw new InvalidOperationException($"{what}: {Errno.Describe(Marshal.GetLastPInvokeError())}");
    }
}
