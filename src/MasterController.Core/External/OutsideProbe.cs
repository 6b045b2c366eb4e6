using System.Text.Json;
using System.Text.Json.Serialization;
using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

/// <summary>
/// Asks a service on the internet whether it reaches an address: <c>GET URL?address=…&amp;port=…&amp;protocol=tcp</c>, answered
/// with <c>{"reachable":true,"detail":"…"}</c>.
/// </summary>
public sealed class OutsideProbe(HttpClient http, TimeProvider clock)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>An answer is two short members.</summary>
    public const int MostBytes = 64 * 1024;

    /// <summary>Null where the service could not say it.</summary>
    public async Task<(bool? IsReachable, string Detail)> AskAsync(
        Uri url,
        IpAddress address,
        ushort port,
        CancellationToken cancellationToken
    )
    {
        using var deadline = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var answer = await http.GetAsync(With(url, address, port), either.Token);
            if (!answer.IsSuccessStatusCode)
                return (null, $"{url.Host} answered {(int)answer.StatusCode}");
            var bytes = await answer.Content.ReadAsByteArrayAsync(either.Token);
            return JsonSerializer.Deserialize(bytes, ProbeJson.Default.ProbeReply) is { Reachable: { } reachable } reply
                ? (reachable, reply.Detail ?? (reachable ? "reached from outside" : "not reached from outside"))
                : (null, $"{url.Host} did not say whether it is reachable");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"{url.Host} did not answer within {Timeout.TotalSeconds:0} s");
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException)
        {
            return (null, $"{url.Host} could not be asked: {failure.Message}");
        }
    }

    private static Uri With(Uri url, IpAddress address, ushort port)
    {
        var query = $"address={Uri.EscapeDataString(address.ToString())}&port={port}&protocol=tcp";
        return new UriBuilder(url) { Query = url.Query.Length > 1 ? $"{url.Query[1..]}&{query}" : query }.Uri;
    }
}

internal sealed record ProbeReply(bool? Reachable, string? Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProbeReply))]
internal sealed partial class ProbeJson : JsonSerializerContext;
