using MasterController.Linux.Processes;

namespace MasterController.Core.Hypervisors;

/// <summary>How VM processes, which run as unprivileged users, come to open /dev/kvm.</summary>
internal static class KvmAccess
{
    /// <summary>The supplementary group that they need; null where everyone may.</summary>
    /// <exception cref="HypervisorException">Nobody but root can, or there is no such device.</exception>
    public static uint? RequiredGroup() =>
        DeviceAccess.Of(HypervisorFacts.KvmDevice) switch
        {
            DeviceAccess.Members members => members.Group,
            DeviceAccess.Nobody nobody => throw new HypervisorException(nobody.Reason),
            _ => null,
        };
}
