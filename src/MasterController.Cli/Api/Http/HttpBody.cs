using System.Globalization;

namespace MasterController.Cli.Api.Http;

/// <summary>The body of an answer, whichever way its end is told (RFC 9112, section 6.3).</summary>
internal sealed class HttpBody
{
    private readonly SocketReader _reader;
    private readonly bool _chunked;
    private readonly bool _untilClose;
    private long _left;
    private bool _ended;
    private bool _insideChunks;

    private HttpBody(SocketReader reader, bool chunked, long? length)
    {
        _reader = reader;
        _chunked = chunked;
        _untilClose = !chunked && length is null;
        _left = length ?? 0;
        _ended = length == 0;
    }

    public static HttpBody Of(SocketReader reader, int status, IReadOnlyDictionary<string, string> headers)
    {
        if (status is 204 or 304)
        {
            return new HttpBody(reader, false, 0);
        }

        if (headers.TryGetValue("Transfer-Encoding", out var coding))
        {
            return coding.Equals("chunked", StringComparison.OrdinalIgnoreCase)
                ? new HttpBody(reader, true, null)
                : throw new InvalidDataException($"unknown transfer coding '{coding}'");
        }

        if (!headers.TryGetValue("Content-Length", out var text))
        {
            return new HttpBody(reader, false, null);
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? new HttpBody(reader, false, length)
            : throw new InvalidDataException($"wrong content length '{text}'");
    }

    /// <returns>0 at the end that the daemon told.</returns>
    /// <exception cref="ConnectionLostException">The connection ended before the body did.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancel)
    {
        if (!_ended && _chunked && _left == 0)
        {
            await NextChunkAsync(cancel);
        }

        if (_ended)
        {
            return 0;
        }

        var wanted = _untilClose ? into.Length : (int)Math.Min(into.Length, _left);
        var count = await _reader.ReadAsync(into[..wanted], cancel);
        if (count == 0)
        {
            return _untilClose ? 0 : throw new ConnectionLostException();
        }

        if (!_untilClose)
        {
            _left -= count;
            _ended = !_chunked && _left == 0;
        }

        return count;
    }

    public async ValueTask<byte[]> ReadAllAsync(CancellationToken cancel)
    {
        using var all = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int count; (count = await ReadAsync(buffer, cancel)) > 0; )
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    private async ValueTask NextChunkAsync(CancellationToken cancel)
    {
        if (_insideChunks)
        {
            await _reader.ReadLineAsync(cancel);
        }

        _insideChunks = true;
        var line = await _reader.ReadLineAsync(cancel);
        var size = line.AsSpan();
        if (size.IndexOf(';') is >= 0 and var extension)
        {
            size = size[..extension];
        }

        if (!long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _left) || _left < 0)
        {
            throw new InvalidDataException($"wrong chunk size '{line}'");
        }

        if (_left == 0)
        {
            while (await _reader.ReadLineAsync(cancel) is not "") { }

            _ended = true;
        }
    }
}
