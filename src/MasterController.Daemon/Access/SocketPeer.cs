using System.Net.Sockets;
using MasterController.Linux.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace MasterController.Daemon.Access;

/// <summary>Who is at the other end of a connection. Asked for once a connection: the kernel's answer does not change.</summary>
internal static class SocketPeer
{
    private static readonly object _item = new();

    /// <summary>Null on TCP, and where the caller has hung up already.</summary>
    public static PeerCredentials? Of(IFeatureCollection connection)
    {
        if (connection.Get<IConnectionSocketFeature>()?.Socket is not { AddressFamily: AddressFamily.Unix } socket)
            return null;
        var items = connection.Get<IConnectionItemsFeature>()?.Items;
        if (items is not null && items.TryGetValue(_item, out var known))
            return (PeerCredentials?)known;
        var peer = Read(socket);
        items?.Add(_item, peer);
        return peer;
    }

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
