using MasterController.Linux.Files;
using MasterController.Linux.Sockets;

namespace MasterController.Daemon.Access;

/// <summary>Which local processes need no key on the Unix socket: root, the controller's own user, and a group.</summary>
/// <param name="group">Its name; null for none. It is there: the socket was given to it.</param>
internal sealed class SocketAdmins(string? group)
{
    private readonly uint _own = PeerCredentials.OwnUid;
    private readonly uint? _group = group is null ? null : AccountFiles.GroupOf(group);

    public bool Include(PeerCredentials peer) =>
        peer.Uid == 0 || peer.Uid == _own || (_group is { } id && peer.IsIn(id));

    /// <summary>For whoever is none of them.</summary>
    public string Words => group is null ? "not root" : $"neither root nor in the group \"{group}\"";
}
