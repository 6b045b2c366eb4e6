using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace MasterController.Cli.Api.Http;

/// <param name="Id">The last id that the stream named, for <c>Last-Event-ID</c>.</param>
internal sealed record ServerSentEvent(long? Id, string Data);

/// <summary>Takes an event stream apart (WHATWG HTML, section 9.2.6); comments, which keep it alive, are dropped.</summary>
internal static class ServerSentEvents
{
    public static async IAsyncEnumerable<ServerSentEvent> ReadAsync(
        HttpBody body,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        long? id = null;
        var data = new StringBuilder();
        await foreach (var line in LinesAsync(body, cancel))
        {
            if (line.Length == 0)
            {
                if (data.Length > 0)
                {
                    yield return new ServerSentEvent(id, data.ToString(0, data.Length - 1));
                    data.Clear();
                }

                continue;
            }

            var colon = line.IndexOf(':');
            var field = colon < 0 ? line : line[..colon];
            var value = colon < 0 ? "" : line[(colon + 1)..];
            value = value.StartsWith(' ') ? value[1..] : value;
            if (field == "data")
            {
                data.Append(value).Append('\n');
            }
            else if (
                field == "id"
                && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            )
            {
                id = number;
            }
        }
    }

    private static async IAsyncEnumerable<string> LinesAsync(
        HttpBody body,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        var buffer = new byte[8192];
        using var line = new MemoryStream();
        for (int count; (count = await body.ReadAsync(buffer, cancel)) > 0; )
        {
            for (var i = 0; i < count; i++)
            {
                if (buffer[i] != (byte)'\n')
                {
                    line.WriteByte(buffer[i]);
                    continue;
                }

                yield return Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length).TrimEnd('\r');
                line.SetLength(0);
            }
        }
    }
}
