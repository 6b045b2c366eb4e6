using MasterController.Core.HostNetwork.Dedicated;

namespace MasterController.Core.Diagnostics;

/// <summary>How dedicated addresses get to this host, and what stands in their way.</summary>
internal static class DedicatedChecks
{
    private const string Ipv6 = "external-ipv6";
    private const string Ipv4 = "external-ipv4";

    public static readonly string[] Codes = [Ipv6, Ipv4];

    public static IReadOnlyList<Finding> Check(ExternalNetworks external, ExternalSurvey survey) =>
        [CheckIpv6(external, survey), CheckIpv4(external, survey)];

    private static Finding CheckIpv6(ExternalNetworks external, ExternalSurvey survey)
    {
        if (external.Ipv6 is not { } prefix)
            return Finding.Skip(Ipv6, "external.ipv6 is not set: VMs have no IPv6");
        if (Problems(survey, "external.ipv6") is { Length: > 0 } problems)
            return Finding.Fail(Ipv6, problems, "set external.ipv6 to a prefix that is for this host's VMs alone");
        if (survey.Uplink is not { } uplink)
            return Finding.Warn(
                Ipv6,
                $"there is no uplink: nobody can be asked how {prefix} gets here",
                "set network.uplink, or add a default route"
            );
        var delivery =
            survey.Delivery == PrefixDelivery.OnLink
                ? $"{prefix} is on the link: {uplink} answers for each VM's address by itself; {survey.Why}"
                : $"{prefix} is routed to this host; {survey.Why}";
        return survey.HasIpv6DefaultRoute
            ? Finding.Pass(Ipv6, delivery)
            : Finding.Warn(
                Ipv6,
                $"{uplink} has no default route of IPv6: VMs reach nothing beyond its link; {delivery}",
                $"ip -6 route add default via ROUTER dev {uplink}, or have {uplink} heed router advertisements: "
                    + $"sysctl -w net.ipv6.conf.{uplink}.accept_ra=2"
            );
    }

    private static Finding CheckIpv4(ExternalNetworks external, ExternalSurvey survey) =>
        external.Ipv4.Count == 0 ? Finding.Skip(Ipv4, "external.ipv4 is not set: there are no extra addresses")
        : Problems(survey, "external.ipv4") is { Length: > 0 } problems
            ? Finding.Fail(Ipv4, problems, "set external.ipv4 to networks that are for this host's VMs alone")
        : survey.Uplink is not { } uplink
            ? Finding.Warn(
                Ipv4,
                "there is no uplink: extra addresses are answered for nowhere",
                "set network.uplink, or add a default route"
            )
        : Finding.Pass(
            Ipv4,
            $"{uplink} answers for extra addresses that VMs have, of {string.Join(", ", external.Ipv4)}"
        );

    private static string Problems(ExternalSurvey survey, string key) =>
        string.Join("; ", survey.Problems.Where(problem => problem.Key == key).Select(problem => problem.Message));
}
