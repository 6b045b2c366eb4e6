using System.Diagnostics.Metrics;

namespace MasterController.Linux.Netlink;

/// <summary>What the kernel refuses, by the name of the error.</summary>
internal static class NetlinkMetrics
{
    // EEXIST: adding what is there already is how things are made sure of.
    private const int AlreadyThere = 17;

    private static readonly Counter<long> _errors = new Meter("MasterController.Netlink").CreateCounter<long>(
        "master_controller_netlink_errors",
        unit: null,
        "Requests that the kernel refused; looking for what is not there, and adding what is, do not count."
    );

    internal static void Refused(NetlinkError error)
    {
        if (error is { IsMissing: false, Code: not AlreadyThere })
            _errors.Add(1, new KeyValuePair<string, object?>("errno", Errno.ShortNameOf(error.Code)));
    }
}
