namespace MasterController.Core.Vms;

/// <summary>Statuses as the API and events spell them.</summary>
public static class VmStatusName
{
    public static string Of(VmStatus status) =>
        status switch
        {
            VmStatus.Creating => "creating",
            VmStatus.Starting => "starting",
            VmStatus.Running => "running",
            VmStatus.Stopping => "stopping",
            VmStatus.Stopped => "stopped",
            VmStatus.Failed => "failed",
            VmStatus.Deleting => "deleting",
            _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
        };

    public static bool TryParse(string text, out VmStatus status)
    {
        foreach (var candidate in Enum.GetValues<VmStatus>())
        {
            if (Of(candidate) == text)
            {
                status = candidate;
                return true;
            }
        }
        status = default;
        return false;
    }
}
