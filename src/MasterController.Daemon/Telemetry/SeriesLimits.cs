namespace MasterController.Daemon.Telemetry;

/// <summary>
/// How many series an instrument may have; what is beyond is added up in one that is labelled so. Room for them is taken in
/// advance, so that each has what its labels can come to and no more.
/// </summary>
internal static class SeriesLimits
{
    private const int Pools = 1_000;
    private const int Default = 256;

    public static int Of(string instrument) =>
        instrument switch
        {
            "master_controller_pool_addresses" => Pools * 4,
            "master_controller_pool_full_seconds" => Pools * 3,
            "master_controller_leases" or "master_controller_releases" => Pools,
            // Routes × methods × classes of status.
            ApiMetrics.RequestsName => 1_000,
            // Types are configured; each has as many series as there are statuses.
            "master_controller_vms" => 1_000,
            _ => Default,
        };
}
