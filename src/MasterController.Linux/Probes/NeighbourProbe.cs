using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Probes;

/// <summary>Which questions were answered over IPv6.</summary>
/// <param name="Neighbour">It says that the address is its own, with its own hardware address.</param>
public readonly record struct NeighbourProbeResult(bool Neighbour, bool Echo);

/// <summary>
/// Asks one on a link, by neighbour solicitation and ICMPv6 echo, whether an address is its own. Its answers are read
/// before the firewall, which lets no guest's advertisement through. Belongs to the network namespace of the thread that
/// opened it; may be used from any.
/// </summary>
public sealed class NeighbourProbe : IDisposable
{
    private const int Rounds = 5;
    private const int MostFrame = 256;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CancellationCheck = TimeSpan.FromMilliseconds(50);

    private readonly LinkSocket _socket;

    private NeighbourProbe(LinkSocket socket) => _socket = socket;

    /// <exception cref="Win32Exception">CAP_NET_RAW is missing.</exception>
    public static NeighbourProbe Open() => new(LinkSocket.Open(Libc.ETH_P_IPV6, receives: true));

    /// <summary>Asks some times, and waits on the calling thread until both are answered or the time is over.</summary>
    /// <param name="index">The interface to ask out of.</param>
    /// <param name="router">The interface's hardware address.</param>
    /// <param name="source">The host's own address there.</param>
    public NeighbourProbeResult Ask(
        int index,
        MacAddress router,
        Ipv6Address source,
        MacAddress mac,
        Ipv6Address address,
        TimeSpan atMost,
        CancellationToken cancellationToken
    )
    {
        var result = default(NeighbourProbeResult);
        // A reply that an earlier probe was waiting for has another identifier.
        var identifier = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
        var pause = TimeSpan.FromTicks(Math.Min(atMost.Ticks / Rounds, LongestPause.Ticks));
        var began = Stopwatch.GetTimestamp();
        var nextRound = TimeSpan.Zero;
        Span<byte> frame = stackalloc byte[MostFrame];
        while (result is not { Neighbour: true, Echo: true })
        {
            cancellationToken.ThrowIfCancellationRequested();
            var passed = Stopwatch.GetElapsedTime(began);
            if (passed >= atMost && nextRound > TimeSpan.Zero)
                break;
            if (passed >= nextRound)
            {
                NeighbourFrame.WriteSolicitation(frame, router, source, mac, address);
                _socket.TrySend(index, frame[..NeighbourFrame.Length]);
                NeighbourFrame.WriteEcho(frame, router, source, mac, address, identifier);
                _socket.TrySend(index, frame[..NeighbourFrame.EchoLength]);
                nextRound = passed + pause;
            }
            Wait(Min(Min(nextRound, atMost) - passed, CancellationCheck));
            for (int length; (length = _socket.Receive(frame, out var from)) >= 0; )
            {
                ReadOnlySpan<byte> received = frame[..length];
                if (from != index)
                    continue;
                if (NeighbourFrame.TryReadAdvertisement(received, out var who, out var what))
                    result = result with { Neighbour = result.Neighbour || (who == mac && what == address) };
                else if (NeighbourFrame.TryReadEchoReply(received, out what, out var answered))
                    result = result with { Echo = result.Echo || (what == address && answered == identifier) };
            }
        }
        return result;
    }

    public void Dispose() => _socket.Dispose();

    private unsafe void Wait(TimeSpan atMost)
    {
        var descriptor = new Libc.PollDescriptor { Descriptor = _socket.Descriptor, Events = Libc.POLLIN };
        var milliseconds = (int)Math.Ceiling(Math.Max(atMost.TotalMilliseconds, 0));
        // SAFETY: one descriptor on this method's stack; the socket stays open for the call.
        if (Libc.poll(&descriptor, 1, milliseconds) < 0 && Marshal.GetLastPInvokeError() != Libc.EINTR)
            throw ProbeSocket.LastError("poll");
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
