using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;
using Microsoft.Win32.SafeHandles;

namespace MasterController.LinuxTests.HostNetwork;

/// <summary>The far end of a TAP, played by the test: raw frames, no kernel of its own.</summary>
internal sealed class Guest(Attachment attachment, SafeFileHandle tap) : IDisposable
{
    private const int VnetHeader = 10; // struct virtio_net_hdr
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // What must not come is waited for only until something that was sent later has been answered.
    private ushort _probe = 0x7000;

    internal Ipv4Address Address => attachment.Address;

    internal MacAddress Mac => attachment.Mac;

    internal void Send(byte[] frame)
    {
        byte[] bytes = [.. new byte[VnetHeader], .. frame];
        if (Write(tap, bytes, (nuint)bytes.Length) != bytes.Length)
            throw new IOException(Marshal.GetLastPInvokeErrorMessage());
    }

    /// <summary>Who answers ARP for an address; null if nobody does.</summary>
    internal MacAddress? Resolve(Ipv4Address target, Ipv4Address? sender = null)
    {
        Send(Frames.ArpRequest(Mac, sender ?? Address, target));
        var frame = Receive(frame => IsArpReplyOf(frame, target), Probe);
        return frame is null ? null : MacAddress.FromBytes(frame.AsSpan(22));
    }

    /// <summary>Whether a ping is answered.</summary>
    internal bool Ping(Ipv4Address target, Ipv4Address? source = null, MacAddress? router = null)
    {
        var id = ++_probe;
        Send(Frames.Echo(router ?? Router, Mac, source ?? Address, target, id));
        return Receive(frame => IsEchoReply(frame, target, id), Probe) is not null;
    }

    /// <summary>The host's end of the cable.</summary>
    internal MacAddress Router => field.Value != 0 ? field : field = FindRouter();

    private MacAddress FindRouter()
    {
        for (var tries = 0; tries < 10; tries++)
            if (Resolve(attachment.Gateway!.Value) is { } router)
                return router;
        throw new InvalidOperationException("no gateway");
    }

    /// <summary>The next frame that fits. Null once <paramref name="probe"/>, sent after it, was answered.</summary>
    internal byte[]? Receive(Func<byte[], bool> fits, Func<Func<byte[], bool>>? probe)
    {
        var ended = probe?.Invoke();
        var started = Stopwatch.GetTimestamp();
        var probed = started;
        while (Stopwatch.GetElapsedTime(started) < Patience)
        {
            if (TryReceive(TimeSpan.FromMilliseconds(100)) is not { } frame)
            {
                // The kernel sends nothing into a TAP until it has noticed, up to a second later, that it was opened.
                if (probe is not null && Stopwatch.GetElapsedTime(probed) > TimeSpan.FromSeconds(1))
                    (ended, probed) = (probe(), Stopwatch.GetTimestamp());
                continue;
            }
            if (fits(frame))
                return frame;
            if (ended?.Invoke(frame) == true)
                return null;
        }
        throw new TimeoutException("Neither the frame nor the answer to the probe came");
    }

    /// <summary>The next frame; null if none comes so soon.</summary>
    internal byte[]? TryReceive(TimeSpan atMost)
    {
        var poll = new PollDescriptor { Descriptor = (int)tap.DangerousGetHandle(), Events = 1 };
        if (Poll(ref poll, 1, (int)atMost.TotalMilliseconds) <= 0)
            return null;
        var buffer = new byte[4096];
        var length = Read(tap, buffer, (nuint)buffer.Length);
        return buffer[VnetHeader..(int)length];
    }

    /// <summary>Asks the gateway for its hardware address: the host works on a TAP's frames in order.</summary>
    internal Func<byte[], bool> Probe()
    {
        var gateway = attachment.Gateway!.Value;
        // The probe must not be mistaken for an answer that is waited for: another sender's address marks it.
        Send(Frames.ArpRequest(new MacAddress(0x0200_0000_0000UL | ++_probe), Address, gateway));
        var mark = _probe;
        return frame => IsArpReplyOf(frame, gateway) && BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(36)) == mark;
    }

    internal static bool IsUdp(byte[] frame, string text) =>
        frame.Length >= 42
        && frame[12] == 8
        && frame[13] == 0
        && frame[23] == 17
        && System.Text.Encoding.ASCII.GetString(frame.AsSpan(42)).TrimEnd('\0') == text;

    public void Dispose() => tap.Dispose();

    private static bool IsArpReplyOf(byte[] frame, Ipv4Address target) =>
        frame.Length >= 42
        && frame[12] == 8
        && frame[13] == 6
        && frame[21] == 2
        && Ipv4Address.FromBytes(frame.AsSpan(28)) == target;

    private static bool IsEchoReply(byte[] frame, Ipv4Address from, ushort id) =>
        frame.Length >= 42
        && frame[12] == 8
        && frame[13] == 0
        && frame[23] == 1
        && frame[34] == 0
        && Ipv4Address.FromBytes(frame.AsSpan(26)) == from
        && BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(38)) == id;

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static extern int Poll(ref PollDescriptor descriptors, nuint count, int timeoutMilliseconds);

    // Not RandomAccess: a TAP claims to be seekable and then refuses pread(2).
    [DllImport("libc", EntryPoint = "read", SetLastError = true)]
    private static extern nint Read(SafeFileHandle descriptor, [Out] byte[] buffer, nuint length);

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    private static extern nint Write(SafeFileHandle descriptor, byte[] buffer, nuint length);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        internal int Descriptor;
        internal short Events;
        internal short Answered;
    }
}
