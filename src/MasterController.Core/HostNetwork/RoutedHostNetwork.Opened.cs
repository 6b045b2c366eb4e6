using MasterController.Core.HostNetwork.Dedicated;

namespace MasterController.Core.HostNetwork;

public sealed partial class RoutedHostNetwork
{
    /// <summary>
    /// For each opening and each forward of an attachment, whether the kernel has it as it is said; for a public IPv4, whether
    /// it is translated.
    /// </summary>
    /// <exception cref="HostNetworkException">The kernel could not be read.</exception>
    internal Task<IReadOnlyList<ExternalFinding>> CheckOpenedAsync(
        Attachment attachment,
        CancellationToken cancellationToken
    ) => RunAsync(_ => DedicatedFindings.Of(attachment, _dedicated), cancellationToken);
}
