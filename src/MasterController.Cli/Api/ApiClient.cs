using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MasterController.Cli.Api.Http;
using MasterController.Contracts;

namespace MasterController.Cli.Api;

/// <summary>The daemon's API, a method for each call; every refusal is an <see cref="ApiException"/>.</summary>
internal sealed partial class ApiClient(UnixHttp http, TimeProvider time)
{
    /// <summary>What a request may take beyond the wait it asks the daemon for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The longest that one request asks the daemon to wait; longer waits are several requests.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    public string SocketPath => http.SocketPath;

    private Task<T> GetAsync<T>(string target, JsonTypeInfo<T> type, CancellationToken cancel) =>
        SendAsync(Call("GET", target, []), type, cancel);

    private async Task<T> SendAsync<T>(HttpCall call, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var reply = await SendAsync(call, cancel);
        return Parse(await reply.Body.ReadAllAsync(cancel), type);
    }

    private async Task<HttpReply> SendAsync(HttpCall call, CancellationToken cancel)
    {
        var reply = await http.SendAsync(call, cancel);
        if (reply.Status is >= 200 and < 300)
        {
            return reply;
        }

        using (reply)
        {
            throw new ApiException(ProblemOf(reply.Status, await reply.Body.ReadAllAsync(cancel)));
        }
    }

    private static HttpCall Call(
        string method,
        string target,
        IReadOnlyList<(string, string)> headers,
        ReadOnlyMemory<byte>? body = null,
        TimeSpan wait = default
    )
    {
        if (wait > TimeSpan.Zero)
        {
            var asked = wait < LongestWait ? wait : LongestWait;
            var seconds = Math.Ceiling(asked.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return new(method, target, [.. headers, ("Prefer", $"wait={seconds}")], body, asked + Patience);
        }

        return new(method, target, headers, body, Patience);
    }

    private static ReadOnlyMemory<byte> Json<T>(T value, JsonTypeInfo<T> type) =>
        JsonSerializer.SerializeToUtf8Bytes(value, type);

    private static T Parse<T>(byte[] body, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw new InvalidDataException("the answer is null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"the answer is not what the API promises: {e.Message}", e);
        }
    }

    /// <summary>Not every refusal comes from our own code: Kestrel answers a bad request line with no body at all.</summary>
    private static Problem ProblemOf(int status, byte[] body)
    {
        try
        {
            if (
                JsonSerializer.Deserialize(body, CliJson.Wire.Problem) is { Title: not null } problem
                && problem.Type is not null
            )
            {
                return problem with { Status = status };
            }
        }
        catch (JsonException)
        {
            // Said below, with what there is.
        }

        var text = Encoding.UTF8.GetString(body).Trim();
        return new Problem("about:blank", $"the daemon answered {status}", status, text.Length > 0 ? text : null);
    }

    private static string Escape(string value) => Uri.EscapeDataString(value);
}
