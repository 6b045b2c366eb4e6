using System.Runtime.InteropServices;

namespace MasterController.Linux.Netlink;

/// <summary>
/// Requests that go to the kernel together and are carried out in order; one that is refused does not stop the next.
/// Each method adds one request and names its shell equivalent; the n-th added has number n, from 0.
/// </summary>
public sealed partial class NetlinkBatch
{
    // No request here is longer: the longest carries a name, nested settings and two addresses.
    private const int MaxRequestLength = 256;

    private readonly List<int> _ends = [];
    private byte[] _buffer = new byte[4096];

    public int Count => _ends.Count;

    /// <summary>The requests from number <paramref name="first"/>, <paramref name="count"/> of them.</summary>
    internal ReadOnlySpan<byte> Slice(int first, int count) => _buffer.AsSpan(Start(first).._ends[first + count - 1]);

    /// <summary>
    /// Numbers the requests, so that answers can be told apart, and asks for an acknowledgement of each
    /// <paramref name="perAcknowledgement"/>th and of the last: the kernel tells refusals anyway (netlink(7), NLM_F_ACK).
    /// </summary>
    internal void Stamp(uint first, int perAcknowledgement)
    {
        for (var i = 0; i < Count; i++)
        {
            var header = _buffer.AsSpan(Start(i));
            var flags = (ushort)(MemoryMarshal.Read<ushort>(header[6..]) & ~Nl.Acknowledge);
            if ((i + 1) % perAcknowledgement == 0 || i + 1 == Count)
                flags |= Nl.Acknowledge;
            MemoryMarshal.Write(header[6..], flags);
            MemoryMarshal.Write(header[8..], first + (uint)i);
        }
    }

    public void Clear() => _ends.Clear();

    private int Start(int request) => request == 0 ? 0 : _ends[request - 1];

    private NetlinkWriter Begin(ushort type, ushort flags)
    {
        var start = Start(Count);
        if (_buffer.Length - start < MaxRequestLength)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var writer = new NetlinkWriter(_buffer.AsSpan(start));
        writer.BeginMessage(type, (ushort)(Nl.Request | Nl.Acknowledge | flags), 0);
        return writer;
    }

    private void End(NetlinkWriter writer)
    {
        writer.EndMessage();
        _ends.Add(Start(Count) + writer.Length);
    }
}
