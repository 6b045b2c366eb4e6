using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using MasterController.Linux.Namespaces;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// One controller per network namespace: an abstract Unix socket (unix(7)), whose name the kernel keeps per namespace and
/// frees with the process, however that ends.
/// </summary>
public sealed class HostNetworkLock : IDisposable
{
    private const string Name = "\0master-controller/host-network";
    private const int SOL_SOCKET = 1;
    private const int SO_PEERCRED = 17;

    private readonly Socket _socket;

    private HostNetworkLock(Socket socket) => _socket = socket;

    /// <summary>Takes the lock, or says who holds it. Never waits.</summary>
    /// <param name="namespacePath">As in <see cref="HostNetworkOptions.NamespacePath"/>.</param>
    public static HostNetworkLockResult TryAcquire(string? namespacePath)
    {
        // Entering a namespace needs CAP_SYS_ADMIN, also one's own; a service does without.
        if (namespacePath is null)
            return TryAcquireHere();
        using var space = NetworkNamespace.Open(namespacePath);
        return space.Run(TryAcquireHere);
    }

    public void Dispose() => _socket.Dispose();

    private static HostNetworkLockResult TryAcquireHere()
    {
        var address = new UnixDomainSocketEndPoint(Name);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(address);
            // Nobody is ever accepted; whoever is refused connects to learn the holder's process id.
            socket.Listen(16);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            if (exception.SocketErrorCode != SocketError.AddressAlreadyInUse)
                throw new HostNetworkException("The host network's lock could not be made", exception);
            return new HostNetworkLockResult.Held(DescribeHolder(address));
        }
        return new HostNetworkLockResult.Acquired(new HostNetworkLock(socket));
    }

    private static string DescribeHolder(UnixDomainSocketEndPoint address)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            Blocking = false,
        };
        Span<byte> credentials = stackalloc byte[12]; // struct ucred: pid, uid, gid
        try
        {
            socket.Connect(address);
            socket.GetRawSocketOption(SOL_SOCKET, SO_PEERCRED, credentials);
        }
        catch (SocketException)
        {
            return "a process that could not be asked";
        }
        var pid = MemoryMarshal.Read<int>(credentials);
        return pid == 0 ? "a process in another PID namespace" : $"process {pid}{CommandLineOf(pid)}";
    }

    private static string CommandLineOf(int pid)
    {
        try
        {
            var words = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/cmdline")).TrimEnd('\0').Split('\0');
            return $" ({string.Join(' ', words)})";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

public abstract record HostNetworkLockResult
{
    private HostNetworkLockResult() { }

    public sealed record Acquired(HostNetworkLock Lock) : HostNetworkLockResult;

    /// <param name="Holder">"process 4711 (/usr/bin/master-controller --state-dir …)".</param>
    public sealed record Held(string Holder) : HostNetworkLockResult;
}
