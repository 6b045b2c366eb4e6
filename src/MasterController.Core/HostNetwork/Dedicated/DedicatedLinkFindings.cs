using MasterController.Core.HostNetwork.Drift;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>Tells what a look at one VM's dedicated addresses found.</summary>
internal static class DedicatedLinkFindings
{
    private const string RouteCheck = "route";
    private const string NeighbourCheck = "neighbour";
    private const string AddressCheck = "address";
    private const string ProxyCheck = "neighbour proxy";
    private const string GuestCheck = "guest";

    /// <summary>Route to the TAP, neighbour, and proxy where one is needed; each with what the kernel has.</summary>
    internal static IReadOnlyList<ExternalFinding> OfKernel(
        HostNetworkKernel kernel,
        Attachment attachment,
        DedicatedUplink uplink,
        Ipv4Address? fallbackSource
    )
    {
        if (kernel.Netlink.FindLink(attachment.TapName) is not { } link || !AttachmentSetup.IsOurs(link, attachment))
            return [new(Subject(attachment), RouteCheck, Passed: false, $"{attachment.TapName} is missing")];
        var found = new DedicatedCheck(kernel, uplink, fallbackSource).Run([(attachment, link.Index)])[0];
        var findings = new List<ExternalFinding>();
        if (attachment.RoutedIpv6 is not null && !AttachmentExpectation.HasRightSettings(link, attachment))
            findings.Add(
                new(
                    Subject(attachment),
                    RouteCheck,
                    Passed: false,
                    $"{attachment.TapName} has {AttachmentExpectation.DescribeSettings(link, proxyDelay: null)}"
                )
            );
        foreach (var (entry, isRight, words) in found)
            findings.Add(
                new(
                    entry.Address,
                    CheckOf(entry),
                    isRight,
                    isRight
                        ? $"{entry.Expected(attachment, uplink, fallbackSource)}"
                            + (entry.IsProxy ? $" dev {uplink.Name}" : "")
                        : $"{(words.Length == 0 ? AttachmentExpectation.Missing : words)}; expected "
                            + entry.Expected(attachment, uplink, fallbackSource)
                )
            );
        return findings;
    }

    /// <param name="question">What it was asked by besides an echo.</param>
    internal static ExternalFinding OfGuest(string subject, bool answersLink, bool answersEcho, string question) =>
        new(
            subject,
            GuestCheck,
            Passed: answersLink || answersEcho,
            (answersLink, answersEcho) switch
            {
                (true, true) => $"answers {question} and echo",
                (true, false) => $"answers {question}, but no echo",
                (false, true) => $"answers echo, but no {question}",
                _ => $"answers neither {question} nor echo",
            }
        );

    private static string Subject(Attachment attachment) =>
        attachment.External?.Ipv6?.ToString()
        ?? attachment.External?.PublicIpv4?.ToString()
        ?? attachment.Address.ToString();

    private static string CheckOf(DedicatedEntry entry) =>
        entry.IsProxy ? ProxyCheck
        : entry.Object == DriftObject.Route ? RouteCheck
        : entry.Object == DriftObject.Address ? AddressCheck
        : NeighbourCheck;
}
