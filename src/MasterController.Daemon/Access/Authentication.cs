using MasterController.Core.Access;
using MasterController.Daemon.Hosting;
using MasterController.Linux.Sockets;

namespace MasterController.Daemon.Access;

/// <summary>
/// Finds out who a request is from: by its key, wherever it comes from; without one by the kernel's word on who is at
/// the other end of the Unix socket. Over TCP there is no such word.
/// </summary>
internal sealed class Authentication(ApiKeyDirectory keys, SocketAdmins admins, Readiness readiness, TimeProvider clock)
{
    public const string Scheme = "Bearer";

    public Identification Identify(HttpContext context)
    {
        var headers = context.Request.Headers.Authorization;
        if (headers.Count > 0)
            return ByKey(headers.Count == 1 ? headers[0] ?? "" : "");
        return SocketPeer.Of(context.Features) is { } peer
            ? ByPeer(peer)
            : new Identification.Unknown($"Give a key in the header Authorization: {Scheme} {ApiKeySecret.Prefix}….");
    }

    private Identification ByKey(string header)
    {
        var space = header.IndexOf(' ');
        if (space < 0 || !header.AsSpan(0, space).Equals(Scheme, StringComparison.OrdinalIgnoreCase))
            return new Identification.Unknown($"The header Authorization is not of the form {Scheme} KEY.");
        var secret = header[(space + 1)..].Trim();
        if (!ApiKeySecret.HasForm(secret))
        {
            return new Identification.Unknown(
                $"The key does not have the form of one: {ApiKeySecret.Prefix} and 43 characters."
            );
        }
        if (!readiness.Recovered)
            return new Identification.TooEarly();
        if (keys.Find(secret) is not { } key)
            return new Identification.Unknown("There is no such key: it is wrong, or it was revoked.");
        if (key.Key.IsExpiredAt(clock.GetUtcNow()))
            return new Identification.Unknown($"The key \"{key.Key.Name}\" has expired at {key.Key.ExpiresAt:O}.");
        return Caller.Of(key.Key) is { } caller
            ? new Identification.Known(caller, key)
            : new Identification.Unknown($"The key's role \"{key.Key.Role}\" is not one that this controller knows.");
    }

    private Identification ByPeer(PeerCredentials peer) =>
        admins.Include(peer)
            ? new Identification.Known(Caller.Of(peer), Key: null)
            : new Identification.Unknown(
                $"The user {peer.Uid} is {admins.Words}; give a key in the header Authorization: "
                    + $"{Scheme} {ApiKeySecret.Prefix}…."
            );
}
