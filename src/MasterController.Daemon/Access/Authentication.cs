using System.Net.Sockets;
using MasterController.Core.Access;
using MasterController.Daemon.Hosting;
using MasterController.Linux.Sockets;
using Microsoft.AspNetCore.Connections.Features;

namespace MasterController.Daemon.Access;

/// <summary>
/// Finds out who a request is from: by its key, wherever it comes from; without one by the kernel's word on who is at
/// the other end of the Unix socket. Over TCP there is no such word.
/// </summary>
internal sealed class Authentication(ApiKeyDirectory keys, SocketAdmins admins, Readiness readiness, TimeProvider clock)
{
    public const string Scheme = "Bearer";

    private static readonly object _peerItem = new();

    public Identification Identify(HttpContext context)
    {
        var headers = context.Request.Headers.Authorization;
        if (headers.Count > 0)
            return ByKey(headers.Count == 1 ? headers[0] ?? "" : "");
        return Peer(context) is { } peer
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
                $"The user {peer.Uid} {admins.Words}; give a key in the header Authorization: "
                    + $"{Scheme} {ApiKeySecret.Prefix}…."
            );

    /// <summary>Null on TCP. It is asked for once a connection: the kernel's answer does not change.</summary>
    private static PeerCredentials? Peer(HttpContext context)
    {
        if (
            context.Features.Get<IConnectionSocketFeature>()?.Socket is not { AddressFamily: AddressFamily.Unix } socket
        )
            return null;
        var items = context.Features.Get<IConnectionItemsFeature>()?.Items;
        if (items is not null && items.TryGetValue(_peerItem, out var known))
            return (PeerCredentials?)known;
        var peer = Read(socket);
        items?.Add(_peerItem, peer);
        return peer;
    }

    /// <summary>Null where the caller has hung up already.</summary>
    private static PeerCredentials? Read(Socket socket)
    {
        try
        {
            return PeerCredentials.Of(socket);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
