using System.Net.Sockets;
using System.Text;

namespace MasterController.Cli.Api.Http;

/// <summary>Lines and bytes from a socket, through one buffer.</summary>
internal sealed class SocketReader(Socket socket)
{
    /// <summary>A line longer than this is no HTTP of ours. Kestrel's own limit for all headers is 32 KiB.</summary>
    private const int MaxLine = 32 * 1024;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <returns>The line without its line end.</returns>
    /// <exception cref="ConnectionLostException">The peer closed before the line ended.</exception>
    public async ValueTask<string> ReadLineAsync(CancellationToken cancel)
    {
        var line = "";
        while (true)
        {
            var ready = _buffer.AsSpan(_start, _end - _start);
            var newline = ready.IndexOf((byte)'\n');
            var taken = newline < 0 ? ready.Length : newline + 1;
            line += Encoding.Latin1.GetString(ready[..taken]);
            _start += taken;
            if (newline >= 0)
            {
                return line.TrimEnd('\r', '\n');
            }

            if (line.Length > MaxLine)
            {
                throw new InvalidDataException("a header line is too long");
            }

            if (!await FillAsync(cancel))
            {
                throw new ConnectionLostException();
            }
        }
    }

    /// <returns>0 only when the peer has closed.</returns>
    public async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancel)
    {
        if (_start == _end && !await FillAsync(cancel))
        {
            return 0;
        }

        var count = Math.Min(into.Length, _end - _start);
        _buffer.AsMemory(_start, count).CopyTo(into);
        _start += count;
        return count;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancel)
    {
        try
        {
            _start = 0;
            _end = 0;
            _end = await socket.ReceiveAsync(_buffer, cancel);
            return _end > 0;
        }
        catch (SocketException)
        {
            throw new ConnectionLostException();
        }
    }
}
