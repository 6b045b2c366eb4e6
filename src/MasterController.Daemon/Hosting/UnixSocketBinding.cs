using System.Net;
using System.Net.Sockets;
using MasterController.Linux.Files;

namespace MasterController.Daemon.Hosting;

/// <summary>Another process answers on the socket, or the socket cannot be made; nothing was changed.</summary>
public sealed class SocketUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Makes the API's Unix socket. Everybody may connect: who it is, the kernel tells with each connection, and who is no
/// admin needs a key. The group is set all the same, for those who look.
/// </summary>
internal static class UnixSocketBinding
{
    private const UnixFileMode Mode =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite;

    /// <exception cref="SocketUnavailableException">See the message.</exception>
    public static Socket Bind(UnixDomainSocketEndPoint endPoint, string? group)
    {
        var path = endPoint.ToString()!;
        RemoveStale(path, endPoint);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            socket.Bind(endPoint);
            File.SetUnixFileMode(path, Mode);
            if (group is not null)
                FileGroup.Set(path, group);
            return socket;
        }
        catch (Exception refused) when (refused is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new SocketUnavailableException($"cannot listen on {path}: {refused.Message}", refused);
        }
    }

    /// <summary>The socket of a controller that was killed is still there; nobody listens on it.</summary>
    private static void RemoveStale(string path, EndPoint endPoint)
    {
        if (!File.Exists(path))
            return;
        if (File.GetAttributes(path).HasFlag(FileAttributes.Directory) || !IsSocket(path))
            throw new SocketUnavailableException($"cannot listen on {path}: there is a file that is not a socket");
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endPoint);
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException unknown)
        {
            throw new SocketUnavailableException($"cannot listen on {path}: {unknown.Message}", unknown);
        }
        throw new SocketUnavailableException($"cannot listen on {path}: another process answers there");
    }

    /// <summary>A socket has no length and cannot be opened (ENXIO), which a regular file can.</summary>
    private static bool IsSocket(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
