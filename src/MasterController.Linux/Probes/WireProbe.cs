using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MasterController.Linux.Addresses;

namespace MasterController.Linux.Probes;

/// <summary>One that is asked, and out of which interface.</summary>
/// <param name="Mac">Its own: an answer that names another counts for nothing.</param>
/// <param name="RouterMac">That of the interface.</param>
/// <param name="Source">An address of this host to ask from; the kernel's choice where it is null.</param>
public readonly record struct ProbeTarget(
    int Index,
    Ipv4Address Address,
    MacAddress Mac,
    MacAddress RouterMac,
    Ipv4Address? Source
);

/// <summary>Which questions were answered.</summary>
public readonly record struct ProbeResult(bool Arp, bool Icmp);

/// <summary>
/// Asks many at once, by ARP and ICMP echo, whether they are there. Belongs to the network namespace of the thread that
/// opened it; may be used from any.
/// </summary>
public sealed class WireProbe : IDisposable
{
    /// <summary>As many as there are sequence numbers of ICMP.</summary>
    public const int MostTargets = 65_536;

    private const int Rounds = 5;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CancellationCheck = TimeSpan.FromMilliseconds(50);

    private readonly ArpSocket _arp;
    private readonly EchoSocket _echo;

    private WireProbe(ArpSocket arp, EchoSocket echo)
    {
        _arp = arp;
        _echo = echo;
    }

    /// <exception cref="Win32Exception">CAP_NET_RAW is missing.</exception>
    public static WireProbe Open()
    {
        var arp = ArpSocket.Open();
        try
        {
            return new WireProbe(arp, EchoSocket.Open());
        }
        catch
        {
            arp.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Asks all at once, those that are silent again some times, and waits on the calling thread until all have answered
    /// or the time is over.
    /// </summary>
    /// <param name="targets">Of different addresses; at most <see cref="MostTargets"/>.</param>
    public ProbeResult[] Ask(IReadOnlyList<ProbeTarget> targets, TimeSpan atMost, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(targets.Count, MostTargets, nameof(targets));
        var results = new ProbeResult[targets.Count];
        var numbers = new Dictionary<(int, Ipv4Address), int>(targets.Count);
        for (var i = 0; i < targets.Count; i++)
            numbers[(targets[i].Index, targets[i].Address)] = i;
        // A reply that an earlier probe was waiting for has another identifier.
        var identifier = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
        var pause = TimeSpan.FromTicks(Math.Min(atMost.Ticks / Rounds, LongestPause.Ticks));
        var missing = 2 * targets.Count;
        var began = Stopwatch.GetTimestamp();
        var nextRound = TimeSpan.Zero;
        while (missing > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var passed = Stopwatch.GetElapsedTime(began);
            if (passed >= atMost && nextRound > TimeSpan.Zero)
                break;
            if (passed >= nextRound)
            {
                AskSilent(targets, results, identifier);
                nextRound = passed + pause;
            }
            var wait = Min(Min(nextRound, atMost) - passed, CancellationCheck);
            if (Wait(wait))
                missing -= ReadArp(targets, numbers, results) + ReadEcho(targets, results, identifier);
        }
        return results;
    }

    public void Dispose()
    {
        _arp.Dispose();
        _echo.Dispose();
    }

    private void AskSilent(IReadOnlyList<ProbeTarget> targets, ProbeResult[] results, ushort identifier)
    {
        for (var i = 0; i < targets.Count; i++)
        {
            if (!results[i].Arp)
                _arp.Ask(targets[i]);
            if (!results[i].Icmp)
                _echo.Ask(targets[i], identifier, (ushort)i);
        }
    }

    private int ReadArp(
        IReadOnlyList<ProbeTarget> targets,
        Dictionary<(int, Ipv4Address), int> numbers,
        ProbeResult[] results
    )
    {
        var count = 0;
        while (_arp.TryReceive(out var index, out var mac, out var address))
            if (numbers.TryGetValue((index, address), out var i) && !results[i].Arp && targets[i].Mac == mac)
            {
                results[i] = results[i] with { Arp = true };
                count++;
            }
        return count;
    }

    private int ReadEcho(IReadOnlyList<ProbeTarget> targets, ProbeResult[] results, ushort identifier)
    {
        var count = 0;
        while (_echo.TryReceive(out var reply))
            if (
                reply.Identifier == identifier
                && reply.Sequence < targets.Count
                && targets[reply.Sequence] is var asked
                && reply.Index == asked.Index
                && reply.Source == asked.Address
                && !results[reply.Sequence].Icmp
            )
            {
                results[reply.Sequence] = results[reply.Sequence] with { Icmp = true };
                count++;
            }
        return count;
    }

    private unsafe bool Wait(TimeSpan atMost)
    {
        var descriptors = stackalloc Libc.PollDescriptor[2];
        descriptors[0] = new Libc.PollDescriptor { Descriptor = _arp.Descriptor, Events = Libc.POLLIN };
        descriptors[1] = new Libc.PollDescriptor { Descriptor = _echo.Descriptor, Events = Libc.POLLIN };
        var milliseconds = (int)Math.Ceiling(Math.Max(atMost.TotalMilliseconds, 0));
        // SAFETY: two descriptors on this method's stack; both sockets stay open for the call.
        var ready = Libc.poll(descriptors, 2, milliseconds);
        if (ready < 0 && Marshal.GetLastPInvokeError() != Libc.EINTR)
            throw ProbeSocket.LastError("poll");
        return ready > 0;
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
