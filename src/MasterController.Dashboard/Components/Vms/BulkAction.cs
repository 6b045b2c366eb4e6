namespace MasterController.Dashboard.Components.Vms;

/// <summary>What can be done to VMs, one or many.</summary>
/// <param name="Verb">On buttons: "Start".</param>
/// <param name="Past">"started".</param>
/// <param name="Gerund">"Starting".</param>
public sealed record BulkAction(string Verb, string Past, string Gerund, HttpMethod Method, string Suffix)
{
    public static BulkAction Start { get; } = new("Start", "started", "Starting", HttpMethod.Post, "/start");
    public static BulkAction Stop { get; } = new("Stop", "stopped", "Stopping", HttpMethod.Post, "/stop");
    public static BulkAction Restart { get; } = new("Restart", "restarted", "Restarting", HttpMethod.Post, "/restart");
    public static BulkAction Delete { get; } = new("Delete", "deleted", "Deleting", HttpMethod.Delete, "");

    public static IReadOnlyList<BulkAction> All { get; } = [Start, Stop, Restart, Delete];

    /// <summary>So many may be deleted with a click.</summary>
    private const int FewEnough = 3;

    public bool IsDelete => this == Delete;

    public string Path(string id) => $"vms/{Uri.EscapeDataString(id)}{Suffix}";

    /// <summary>What has to be typed first; null where a click is enough.</summary>
    public string? Typed(int vms) => IsDelete && vms > FewEnough ? $"{vms}" : null;

    /// <summary>Why a VM of this status cannot have it done; null where it can.</summary>
    public string? Speaks(string status) =>
        (Verb, status) switch
        {
            (_, "deleting") => "It is being deleted.",
            ("Start", not ("stopped" or "failed")) =>
                $"It is {status}; only a VM that is stopped or failed can be started.",
            ("Stop" or "Restart", "stopped") => "It is stopped.",
            _ => null,
        };
}
