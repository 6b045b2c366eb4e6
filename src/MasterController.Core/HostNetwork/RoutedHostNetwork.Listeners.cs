using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using MasterController.Linux.Sockets;

namespace MasterController.Core.HostNetwork;

public sealed partial class RoutedHostNetwork
{
    /// <summary>
    /// Those that take IPv4: forwards are of IPv4 alone. A socket that is connected, such as one that waits for the answer
    /// to a question of the host's own, loses nothing by a forward and is not among them.
    /// </summary>
    public Task<IReadOnlyList<HostListener>> ReadListenersAsync(CancellationToken cancellationToken) =>
        TranslatedAsync(
            _observer.ReadAsync<IReadOnlyList<HostListener>>(
                _ =>
                {
                    // Belongs to the namespace of the thread that opens it.
                    using var sockets = SocketTable.Open();
                    return
                    [
                        .. sockets
                            .Listening()
                            .Where(socket => socket.TakesIpv4)
                            .Select(socket => new HostListener(
                                socket.Protocol == SocketTable.Tcp ? EgressProtocol.Tcp : EgressProtocol.Udp,
                                socket.Address.Value == 0 ? null : new Ipv4Address((uint)socket.Address.Value),
                                socket.Port
                            ))
                            .Distinct(),
                    ];
                },
                cancellationToken
            )
        );
}
