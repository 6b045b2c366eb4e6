using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux;
using MasterController.Linux.Addresses;
using MasterController.Linux.Namespaces;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Bench.Subjects.Networks;

/// <summary>
/// A host with one attachment and an uplink to a far namespace. This process is the hypervisor: it writes the guest's frames
/// into the TAP and reads those for it, as Firecracker and QEMU do, one call a frame.
/// </summary>
internal sealed class Wire : IAsyncDisposable
{
    private const int Port = 9_000;

    /// <summary>An address that the far side has no route to and does not forward for: there frames end.</summary>
    private static readonly Ipv4Address _nowhere = Ipv4Address.Parse("198.51.100.9");
    private static readonly Ipv4Address _far = Ipv4Address.Parse("203.0.113.1");
    private static readonly Attachment _place = Places.At(Places.Address(0)) with { Egress = null };
    private readonly NetworkNamespace _space;
    private readonly NetworkNamespace _farSpace;
    private readonly RoutedHostNetwork _network;
    private readonly SafeFileHandle _tap;
    private readonly Socket _server;
    private readonly byte[] _buffer = new byte[4096];

    private Wire(
        NetworkNamespace space,
        NetworkNamespace far,
        RoutedHostNetwork network,
        SafeFileHandle tap,
        Socket server
    ) => (_space, _farSpace, _network, _tap, _server) = (space, far, network, tap, server);

    public static async Task<Wire> MakeAsync(string rulesFile)
    {
        var (space, far) = (NetworkNamespace.Create(), NetworkNamespace.Create());
        await RunAsync(space, "ip", "link", "add", "up0", "type", "veth", "peer", "name", "far0", "netns", far.Path);
        await RunAsync(space, "ip", "address", "add", "203.0.113.2/24", "dev", "up0");
        await RunAsync(space, "ip", "link", "set", "up0", "up");
        await RunAsync(far, "ip", "address", "add", $"{_far}/24", "dev", "far0");
        await RunAsync(far, "ip", "link", "set", "far0", "up");
        await RunAsync(space, "ip", "route", "add", "default", "via", $"{_far}");
        // Without our rules there is no address translation.
        await RunAsync(far, "ip", "route", "add", Places.Cidr, "via", "203.0.113.2");
        var options = new HostNetworkOptions(NamespacePath: space.Path, RulesFile: rulesFile);
        var network = await RoutedHostNetwork.OpenAsync(options, NullLogger<RoutedHostNetwork>.Instance);
        await network.TakeOverAsync(Places.Desired([]), CancellationToken.None);
        await network.AttachAsync(_place, CancellationToken.None);
        var tap = await network.OpenTapAsync(_place, CancellationToken.None);
        var server = far.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
            {
                ReceiveTimeout = 5_000,
            };
            socket.Bind(new IPEndPoint(IPAddress.Any, Port));
            return socket;
        });
        return new Wire(space, far, network, tap, server);
    }

    /// <param name="policy">That of the guest; null for none of its own.</param>
    public Task WithRulesAsync(EgressPolicy? policy) =>
        _network.TakeOverAsync(Places.Desired([_place with { Egress = policy }]), CancellationToken.None);

    /// <summary>Routes, neighbours and settings stay; connections are no longer tracked.</summary>
    public Task WithoutRulesAsync() =>
        RunAsync(_space, "nft", "delete", "table", "inet", HostNetworkMarks.FirewallTable);

    /// <summary>Frames of the guest, as fast as they are taken: how many a second come to the far side.</summary>
    /// <param name="length">Of the IP packet.</param>
    public double Out(int frames, int length)
    {
        var frame = GuestFrames.Datagram(_place, _nowhere, Port, length);
        Send(frame);
        var before = FarReceived();
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < frames; i++)
            Send(frame);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return (FarReceived() - before) / seconds;
    }

    /// <summary>Answers to the guest, so many at a time that the TAP's queue holds them: how many a second it gets.</summary>
    public double In(int frames, int length)
    {
        const int atOnce = 256;
        Send(GuestFrames.Datagram(_place, _far, Port, length));
        EndPoint peer = new IPEndPoint(IPAddress.Any, 0);
        _server.ReceiveFrom(_buffer, ref peer);
        var answer = new byte[length - 28];
        var to = peer.Serialize();
        var began = Stopwatch.GetTimestamp();
        for (var sent = 0; sent < frames; sent += atOnce)
        {
            for (var i = 0; i < atOnce; i++)
                _server.SendTo(answer, SocketFlags.None, to);
            for (var i = 0; i < atOnce; )
                i += GuestFrames.IsDatagram(Receive()) ? 1 : 0;
        }
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return frames / seconds;
    }

    /// <summary>Echo requests to the far side's kernel and back, one after the other.</summary>
    public List<TimeSpan> Ping(int times)
    {
        var took = new List<TimeSpan>(times);
        for (var i = 0; i < times; i++)
        {
            var frame = GuestFrames.Echo(_place, _far, (ushort)i);
            var began = Stopwatch.GetTimestamp();
            Send(frame);
            while (!GuestFrames.IsEchoReply(Receive(), (ushort)i)) { }
            took.Add(Stopwatch.GetElapsedTime(began));
        }
        return took;
    }

    public async ValueTask DisposeAsync()
    {
        _tap.Dispose();
        _server.Dispose();
        await _network.DisposeAsync();
        _space.Dispose();
        _farSpace.Dispose();
    }

    private void Send(byte[] frame)
    {
        if (Libc.write(_tap, frame, (nuint)frame.Length) != frame.Length)
            throw new IOException(Marshal.GetLastPInvokeErrorMessage());
    }

    private ReadOnlySpan<byte> Receive()
    {
        var length = Libc.read(_tap, _buffer, (nuint)_buffer.Length);
        return length > 0
            ? _buffer.AsSpan(0, (int)length)
            : throw new IOException(Marshal.GetLastPInvokeErrorMessage());
    }

    private long FarReceived() =>
        _farSpace.Run(() =>
        {
            // Not /proc/net, which is that of the process's first thread.
            var line = File.ReadLines("/proc/thread-self/net/dev").Single(l => l.TrimStart().StartsWith("far0:"));
            return long.Parse(
                line.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries)[2],
                CultureInfo.InvariantCulture
            );
        });

    private static async Task RunAsync(NetworkNamespace space, params string[] words) =>
        await space.Run(() => ShortProgram.RunAsync(new ProcessStartInfo(words[0], words[1..])));
}
