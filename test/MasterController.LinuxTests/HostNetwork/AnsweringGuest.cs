using System.Buffers.Binary;
using System.Collections.Concurrent;
using MasterController.Linux.Addresses;

namespace MasterController.LinuxTests.HostNetwork;

/// <summary>Lets a guest answer ARP and ICMP echo as a kernel does, until it is disposed.</summary>
internal sealed class AnsweringGuest : IAsyncDisposable
{
    private readonly Guest _guest;
    private readonly ConcurrentDictionary<Ipv4Address, bool> _askedFrom = [];
    private readonly Task _loop;
    private volatile bool _ended;

    internal AnsweringGuest(Guest guest)
    {
        _guest = guest;
        Mac = guest.Mac;
        AnswersThrough = guest;
        _loop = Task.Factory.StartNew(Run, TaskCreationOptions.LongRunning);
    }

    internal bool Echo { get; init; } = true;

    /// <summary>How many questions it does not hear at first.</summary>
    internal int Deaf { get; set; }

    /// <summary>What it says is its hardware address.</summary>
    internal MacAddress Mac { get; init; }

    internal Guest AnswersThrough { get; init; }

    internal int Answered { get; private set; }

    internal IEnumerable<Ipv4Address> AskedFrom => _askedFrom.Keys;

    public async ValueTask DisposeAsync()
    {
        _ended = true;
        await _loop;
    }

    private void Run()
    {
        while (!_ended)
            if (_guest.TryReceive(TimeSpan.FromMilliseconds(20)) is { } frame && AnswerTo(frame) is { } answer)
            {
                if (Deaf-- > 0)
                    continue;
                AnswersThrough.Send(answer);
                Answered++;
            }
    }

    private byte[]? AnswerTo(byte[] frame)
    {
        if (frame.Length < 42)
            return null;
        var type = BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(12));
        if (type == 0x0806 && frame[21] == 1 && Ipv4Address.FromBytes(frame.AsSpan(38)) == _guest.Address)
        {
            var asker = Ipv4Address.FromBytes(frame.AsSpan(28));
            _askedFrom[asker] = true;
            return Frames.ArpReply(MacAddress.FromBytes(frame.AsSpan(6, 6)), asker, Mac, _guest.Address);
        }
        if (Echo && type == 0x0800 && frame[23] == 1 && frame[34] == 8)
        {
            var asker = Ipv4Address.FromBytes(frame.AsSpan(26));
            _askedFrom[asker] = true;
            return Frames.EchoReply(frame, Mac);
        }
        return null;
    }
}
