using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace MasterController.Linux.Processes;

/// <summary>Unix sockets that this process makes for another one to accept connections on.</summary>
public static class ControlSocket
{
    private const int Backlog = 16;
    private const uint OwnerOnly = 0x180;

    /// <summary>
    /// A listening socket that nobody but this user and root may connect to, in place of whatever has that path. Its
    /// handle goes to the process that shall serve it; disposing it here leaves the path.
    /// </summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // bind(2) gives the file the mode of the socket: so there is no moment in which others could connect.
            if (Libc.fchmod(socket.SafeHandle, OwnerOnly) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            // .NET removes the path that it bound when the socket is disposed; that one is gone by then.
            var temporary = $"{path}~";
            File.Delete(temporary);
            socket.Bind(new UnixDomainSocketEndPoint(temporary));
            socket.Listen(Backlog);
            File.Move(temporary, path, overwrite: true);
            return socket;
        }
        catch (Exception e) when (e is SocketException or Win32Exception)
        {
            socket.Dispose();
            throw new IOException($"{path}: {e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
