using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>
/// What dedicated addresses ask of the host network besides attachments, which bring theirs along
/// (<see cref="Attachment.External"/>).
/// </summary>
public interface IExternalNetwork
{
    /// <summary>Reads the host's side of dedicated addresses.</summary>
    /// <exception cref="HostNetworkException">The kernel could not be read.</exception>
    Task<ExternalSurvey> SurveyExternalAsync(CancellationToken cancellationToken);

    /// <summary>
    /// What giving attachments another external access would change in the kernel, in its order; nothing is changed.
    /// </summary>
    /// <param name="before">As they are now; null for one that is not attached.</param>
    Task<IReadOnlyList<HostChange>> PlanExternalAsync(
        IReadOnlyList<(Attachment? Before, Attachment? After)> changes,
        CancellationToken cancellationToken
    );

    /// <summary>Ports that programs of this host listen on, in the network namespace that is worked in.</summary>
    Task<IReadOnlyList<HostListener>> ReadListenersAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Looks at one attached VM's way to the outside, piece by piece, and asks the guest on the wire, at most that long.
    /// </summary>
    Task<IReadOnlyList<ExternalFinding>> CheckExternalAsync(
        Attachment attachment,
        TimeSpan atMost,
        CancellationToken cancellationToken
    );
}

/// <param name="Address">Null where it listens on every address.</param>
public readonly record struct HostListener(EgressProtocol Protocol, Ipv4Address? Address, ushort Port);

/// <summary>One thing that was looked at.</summary>
/// <param name="Subject">"2001:db8:1250::100:2", "203.0.113.33", "8080 -> 80/tcp".</param>
/// <param name="Check">"address", "route", "neighbour", "neighbour proxy", "guest", "translation", "open" or "reachable": stable.</param>
/// <param name="Passed">Null where it could not be found out.</param>
/// <param name="Detail">What was found, in words.</param>
public sealed record ExternalFinding(string Subject, string Check, bool? Passed, string Detail);
