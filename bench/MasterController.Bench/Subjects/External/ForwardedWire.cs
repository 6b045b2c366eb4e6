using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using MasterController.Bench.Subjects.Networks;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux;
using MasterController.Linux.Namespaces;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Bench.Subjects.External;

/// <summary>
/// A guest that is reached by a port of its host, from a far namespace; and another that may have tens of thousands of ports
/// besides. This process is the hypervisor.
/// </summary>
internal sealed class ForwardedWire : IAsyncDisposable
{
    private const ushort Port = 8_080;
    private const string Uplink = "203.0.113.2";
    private const int Sockets = 64;

    private static readonly Attachment _guest = Reached(Places.At(Places.Address(0)), [Udp(Port, Port, 9_000)]);
    private static readonly Attachment _other = Places.At(Places.Address(1)) with { Egress = null };

    private readonly NetworkNamespace _space = NetworkNamespace.Create();
    private readonly NetworkNamespace _far = NetworkNamespace.Create();
    private readonly byte[] _buffer = new byte[4096];
    private readonly byte[] _payload = new byte[36];
    private RoutedHostNetwork _network = null!;
    private SafeFileHandle _tap = null!;

    public static async Task<ForwardedWire> MakeAsync(string rulesFile)
    {
        var wire = new ForwardedWire();
        await wire.ConnectAsync(rulesFile);
        return wire;
    }

    /// <summary>So many ports lead to the other guest from now on.</summary>
    public Task PresentAsync(int ports)
    {
        List<PortForward> forwards = [];
        for (var first = 10_000; ports > 0; )
        {
            var some = Math.Min(ports, PortForward.MostPorts / 4);
            forwards.Add(Udp((ushort)first, (ushort)(first + some - 1), 1_024));
            (first, ports) = (first + some, ports - some);
        }
        return _network.UpdateAsync(Reached(_other, forwards), CancellationToken.None);
    }

    /// <summary>One port more, and away again.</summary>
    public async Task<(TimeSpan Add, TimeSpan Remove)> OneMoreAsync()
    {
        var before = Stopwatch.GetTimestamp();
        await _network.UpdateAsync(
            Reached(_guest, [.. _guest.External!.Forwards, Udp(8_081, 8_081, 9_001)]),
            CancellationToken.None
        );
        var added = Stopwatch.GetElapsedTime(before);
        before = Stopwatch.GetTimestamp();
        await _network.UpdateAsync(_guest, CancellationToken.None);
        return (added, Stopwatch.GetElapsedTime(before));
    }

    /// <summary>Datagrams to the port, each the first of its conversation: how many a second get to the guest.</summary>
    public double FirstPackets(int rounds)
    {
        TimeSpan took = default;
        var to = new IPEndPoint(IPAddress.Parse(Uplink), Port);
        for (var round = 0; round < rounds; round++)
        {
            // Sockets are made before the clock runs; each has a port of its own.
            var sockets = _far.Run(() =>
                Enumerable
                    .Range(0, Sockets)
                    .Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
                    .ToArray()
            );
            var began = Stopwatch.GetTimestamp();
            foreach (var socket in sockets)
                socket.SendTo(_payload, to);
            for (var i = 0; i < Sockets; )
                i += GuestFrames.IsDatagram(Receive()) ? 1 : 0;
            took += Stopwatch.GetElapsedTime(began);
            foreach (var socket in sockets)
                socket.Dispose();
        }
        return rounds * Sockets / took.TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        _tap?.Dispose();
        if (_network is not null)
            await _network.DisposeAsync();
        _space.Dispose();
        _far.Dispose();
    }

    private async Task ConnectAsync(string rulesFile)
    {
        await RunAsync(_space, "ip", "link", "add", "up0", "type", "veth", "peer", "name", "far0", "netns", _far.Path);
        await RunAsync(_space, "ip", "address", "add", $"{Uplink}/24", "dev", "up0");
        await RunAsync(_space, "ip", "link", "set", "up0", "up");
        await RunAsync(_far, "ip", "address", "add", "203.0.113.1/24", "dev", "far0");
        await RunAsync(_far, "ip", "link", "set", "far0", "up");
        await RunAsync(_space, "ip", "route", "add", "default", "via", "203.0.113.1");
        _network = await RoutedHostNetwork.OpenAsync(
            new HostNetworkOptions(NamespacePath: _space.Path, RulesFile: rulesFile),
            NullLogger<RoutedHostNetwork>.Instance
        );
        await _network.TakeOverAsync(Places.Desired([]), CancellationToken.None);
        await _network.AttachAsync(_guest, CancellationToken.None);
        await _network.AttachAsync(_other, CancellationToken.None);
        _tap = await _network.OpenTapAsync(_guest, CancellationToken.None);
    }

    private static Attachment Reached(Attachment attachment, IReadOnlyList<PortForward> forwards) =>
        attachment with
        {
            Egress = null,
            External = ExternalAccess.None with { Forwards = forwards },
        };

    private static PortForward Udp(ushort first, ushort last, ushort guestFirst) =>
        new($"fwd_{first}", null, EgressProtocol.Udp, new PortRange(first, last), guestFirst, SourceNetworks.Everybody);

    private ReadOnlySpan<byte> Receive()
    {
        var length = Libc.read(_tap, _buffer, (nuint)_buffer.Length);
        return length > 0
            ? _buffer.AsSpan(0, (int)length)
            : throw new IOException(Marshal.GetLastPInvokeErrorMessage());
    }

    private static async Task RunAsync(NetworkNamespace space, params string[] words) =>
        await space.Run(() => ShortProgram.RunAsync(new ProcessStartInfo(words[0], words[1..])));
}
