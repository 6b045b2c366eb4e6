using System.Net;
using System.Net.Sockets;

namespace MasterController.Core.WebHooks;

/// <summary>
/// Where web hooks may lead to. Link-local addresses are refused, because clouds answer there with credentials, and so is
/// the API itself; other private addresses are where operators have their receivers.
/// </summary>
/// <param name="own">Where the API listens on TCP; null where it does not.</param>
public sealed class WebHookTargets(Func<IPEndPoint?> own)
{
    private const int MostCharacters = 2048;

    /// <summary>What is wrong with a URL; null where nothing is, as far as it can be said without looking up its host.</summary>
    public string? ReasonAgainst(string url)
    {
        if (url.Length > MostCharacters)
            return $"has more than {MostCharacters} characters";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            return $"\"{url}\" is not an absolute http or https URL";
        if (uri.UserInfo.Length > 0)
            return "must not have a user name or password in it";
        if (uri.Fragment.Length > 0 || url.EndsWith('#'))
            return $"must not have a fragment (\"{uri.Fragment}\")";
        if (uri.Host.Length == 0)
            return $"\"{url}\" has no host";
        return IPAddress.TryParse(uri.IdnHost.Trim('[', ']'), out var address)
            ? ReasonAgainst(new IPEndPoint(address, uri.Port))
            : null;
    }

    /// <summary>Asked again at each connection: what a name resolves to may change at any time.</summary>
    public string? ReasonAgainst(IPEndPoint target)
    {
        var address = target.Address.IsIPv4MappedToIPv6 ? target.Address.MapToIPv4() : target.Address;
        var bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetwork ? bytes is [169, 254, ..] : address.IsIPv6LinkLocal)
            return $"{address} is a link-local address, where clouds answer with credentials";
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            return $"{address} is not the address of a receiver";
        if (address.IsIPv6Multicast || (bytes.Length == 4 && bytes[0] >= 224))
            return $"{address} is not the address of one receiver";
        return own() is { } api && api.Port == target.Port && IsOwn(api.Address, address)
            ? $"{address} port {target.Port} is the controller's own API"
            : null;
    }

    /// <summary>Connects to the first of a host's addresses that may be and answers.</summary>
    internal async ValueTask<Stream> ConnectAsync(DnsEndPoint host, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(host.Host, cancellationToken);
        var refusal = $"{host.Host} has no address";
        foreach (var address in addresses)
        {
            var target = new IPEndPoint(address, host.Port);
            if (ReasonAgainst(target) is { } reason)
            {
                refusal = reason;
                continue;
            }
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(target, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException failure)
            {
                socket.Dispose();
                refusal = $"{target}: {failure.Message}";
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        throw new HttpRequestException(refusal);
    }

    private static bool IsOwn(IPAddress listening, IPAddress target) =>
        listening.Equals(target)
        || (IPAddress.IsLoopback(target) && (IPAddress.IsLoopback(listening) || IsAny(listening)));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
