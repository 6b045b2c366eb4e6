using System.ComponentModel;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using MasterController.Linux.Probes;

namespace MasterController.Core.HostNetwork;

public sealed partial class RoutedHostNetwork
{
    public Task<ExternalSurvey> SurveyExternalAsync(CancellationToken cancellationToken) =>
        TranslatedAsync(
            _observer.ReadAsync(
                kernel =>
                    DedicatedSurvey.Read(
                        kernel.Netlink,
                        kernel.HasIpv6,
                        _options.External,
                        _options.Uplink ?? HostSetup.FindUplink(kernel.Netlink),
                        [.. _desired.Networks.Select(network => network.Network)],
                        _desired.Uplink
                    ),
                cancellationToken
            )
        );

    /// <summary>1. links, routes, neighbours and proxies; 2. elements of the firewall.</summary>
    public Task<IReadOnlyList<HostChange>> PlanExternalAsync(
        IReadOnlyList<(Attachment? Before, Attachment? After)> changes,
        CancellationToken cancellationToken
    ) =>
        RunAsync<IReadOnlyList<HostChange>>(
            _ =>
                [
                    .. new DedicatedLinkPlan(_desired.Uplink, _desired.FallbackSource).Of(changes),
                    .. changes.SelectMany(change => DedicatedWords.Of(change.Before, change.After)),
                ],
            cancellationToken
        );

    /// <summary>1. what the kernel has; 2. whether the guest answers; 3. what is open.</summary>
    public async Task<IReadOnlyList<ExternalFinding>> CheckExternalAsync(
        Attachment attachment,
        TimeSpan atMost,
        CancellationToken cancellationToken
    )
    {
        // 1
        var findings = await TranslatedAsync(
            _observer.ReadAsync(
                kernel => DedicatedLinkFindings.OfKernel(kernel, attachment, _desired.Uplink, _desired.FallbackSource),
                cancellationToken
            )
        );

        // 2
        IReadOnlyList<ExternalFinding> answers = [.. await AskGuestAsync(attachment, atMost, cancellationToken)];

        // 3
        var opened = await RunAsync(_ => OpenedFindings.Of(attachment, _dedicated), cancellationToken);
        return [.. findings, .. answers, .. opened];
    }

    private async Task<IEnumerable<ExternalFinding>> AskGuestAsync(
        Attachment attachment,
        TimeSpan atMost,
        CancellationToken cancellationToken
    )
    {
        var answers = new List<ExternalFinding>();
        var ipv4 = attachment.External is { PublicIpv4: not null } or { Forwards.Count: > 0 }
            ? ProbeAsync([attachment], atMost, cancellationToken)
            : null;
        if (attachment.RoutedIpv6 is { } ipv6)
        {
            // The socket belongs to the namespace of the thread that opens it, and works from any.
            var (probe, link) = await RunAsync(
                kernel => (NeighbourProbe.Open(), kernel.Netlink.FindLink(attachment.TapName)),
                cancellationToken
            );
            using (probe)
            {
                var asking = probe;
                var result = link is not { } tap
                    ? default
                    : await Task.Factory.StartNew(
                        () =>
                            asking.Ask(
                                tap.Index,
                                tap.Mac ?? HostNetworkMarks.RouterMac,
                                HostNetworkMarks.Gateway6,
                                attachment.Mac,
                                ipv6,
                                atMost,
                                cancellationToken
                            ),
                        cancellationToken,
                        TaskCreationOptions.LongRunning,
                        TaskScheduler.Default
                    );
                answers.Add(
                    DedicatedLinkFindings.OfGuest($"{ipv6}", result.Neighbour, result.Echo, "neighbour solicitation")
                );
            }
        }
        if (ipv4 is not null)
        {
            var answer = (await ipv4)[attachment.Address];
            answers.Add(DedicatedLinkFindings.OfGuest($"{attachment.Address}", answer.Arp, answer.Icmp, "ARP"));
        }
        return answers;
    }

    /// <summary>Gives attachments that there are what they now have, and takes what they no longer do.</summary>
    /// <param name="items">As they were asked for; those that are not there are not among the changes.</param>
    private Exception?[] ChangeDedicated(
        HostNetworkKernel kernel,
        IReadOnlyList<Attachment> items,
        IReadOnlyList<(Attachment Before, Attachment After)> changes
    )
    {
        var uplink = _desired.Uplink;
        // Also where nothing is new: a call that is repeated completes what the former one left.
        List<(Attachment Before, Attachment After)> concerned =
        [
            .. changes.Where(change => HasDedicated(change.Before) || HasDedicated(change.After)),
        ];
        if (concerned.Count == 0)
            return new Exception?[items.Count];
        var results = new DedicatedSetup(kernel, uplink, _desired.FallbackSource).Change(
            concerned,
            _desired.IsOfAnother
        );
        Announce(
            kernel,
            concerned.SelectMany(change =>
                DedicatedEntry.Of(change.After, uplink).Except(DedicatedEntry.Of(change.Before, uplink))
            )
        );
        var failures = new Dictionary<Ipv4Address, Exception>();
        for (var i = 0; i < results.Length; i++)
            if (results[i] is { } failure)
                failures[concerned[i].After.Address] = failure;
        return [.. items.Select(item => failures.GetValueOrDefault(item.Address))];

        bool HasDedicated(Attachment attachment) => DedicatedEntry.Of(attachment, uplink).Count > 0;
    }

    // What is behind the uplink may remember where an address was before. Best effort: it also forgets by itself.
    private void Announce(HostNetworkKernel kernel, IEnumerable<DedicatedEntry> entries)
    {
        var proxies = entries.Where(entry => entry.IsProxy).ToList();
        if (proxies.Count == 0 || _desired.Uplink.Find(kernel.Netlink) is not { Mac: { } mac } link)
            return;
        try
        {
            var sent = kernel.Announcer.Send(
                link.Index,
                mac,
                [.. proxies.Select(entry => entry.Ipv4).OfType<Ipv4Address>()],
                [.. proxies.Select(entry => entry.Ipv6).OfType<Ipv6Address>()]
            );
            if (sent < proxies.Count)
                LogNotAnnounced(proxies.Count - sent, link.Name, "the interface takes no packets");
        }
        catch (Win32Exception refused)
        {
            LogNotAnnounced(proxies.Count, link.Name, refused.Message);
        }
    }
}
