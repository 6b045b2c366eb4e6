using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace MasterController.Linux.Sockets;

/// <summary>
/// Who is at the other end of a Unix socket, as the kernel noted it when it connected (unix(7)): nothing that it says of
/// itself, and nothing that it becomes later. Users that this process's user namespace does not know are 65534.
/// </summary>
/// <param name="Groups">The supplementary ones; empty before Linux 4.13.</param>
public sealed record PeerCredentials(int Pid, uint Uid, uint Gid, IReadOnlyList<uint> Groups)
{
    // asm-generic/socket.h
    private const int SOL_SOCKET = 1;
    private const int SO_PEERCRED = 17;
    private const int SO_PEERGROUPS = 59;

    /// <summary>NGROUPS_MAX (linux/limits.h).</summary>
    private const int MostGroups = 65_536;
    private const int UsualGroups = 64;

    /// <summary>The user that this process acts as.</summary>
    public static uint OwnUid => Libc.geteuid();

    public bool IsIn(uint group) => Gid == group || Groups.Contains(group);

    /// <exception cref="SocketException">It is no connected Unix socket.</exception>
    public static PeerCredentials Of(Socket socket)
    {
        Span<byte> ucred = stackalloc byte[12]; // struct ucred: pid, uid, gid
        socket.GetRawSocketOption(SOL_SOCKET, SO_PEERCRED, ucred);
        return new PeerCredentials(
            MemoryMarshal.Read<int>(ucred),
            MemoryMarshal.Read<uint>(ucred[4..]),
            MemoryMarshal.Read<uint>(ucred[8..]),
            ReadGroups(socket)
        );
    }

    private static uint[] ReadGroups(Socket socket)
    {
        for (var room = UsualGroups; room <= MostGroups; room *= 32)
        {
            var buffer = new byte[room * sizeof(uint)];
            try
            {
                var length = socket.GetRawSocketOption(SOL_SOCKET, SO_PEERGROUPS, buffer);
                return MemoryMarshal.Cast<byte, uint>(buffer.AsSpan(0, length)).ToArray();
            }
            catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ProtocolOption)
            {
                return [];
            }
            catch (SocketException) when (room < MostGroups)
            {
                // ERANGE: they are more. Of what .NET makes of that number nothing is said.
            }
        }
        return [];
    }
}
