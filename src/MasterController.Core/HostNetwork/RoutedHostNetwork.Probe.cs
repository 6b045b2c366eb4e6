using MasterController.Core.HostNetwork.Bridges;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using MasterController.Linux.Probes;

namespace MasterController.Core.HostNetwork;

public sealed partial class RoutedHostNetwork
{
    public async Task<IReadOnlyDictionary<Ipv4Address, ProbeAnswer>> ProbeAsync(
        IReadOnlyList<Attachment> attachments,
        TimeSpan atMost,
        CancellationToken cancellationToken
    )
    {
        var answers = new Dictionary<Ipv4Address, ProbeAnswer>(attachments.Count);
        foreach (var attachment in attachments)
            answers[attachment.Address] = default;
        // The sockets belong to the namespace of the thread that opens them, and work from any.
        var (probe, targets) = await RunAsync(
            kernel => (WireProbe.Open(), FindTargets(kernel, [.. attachments.DistinctBy(a => a.Address)])),
            cancellationToken
        );
        using (probe)
        {
            // Waits for the wire: a thread of its own, not one of the pool's.
            var results = await Task.Factory.StartNew(
                () => probe.Ask(targets, atMost, cancellationToken),
                cancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            );
            for (var i = 0; i < targets.Count; i++)
                answers[targets[i].Address] = new ProbeAnswer(results[i].Arp, results[i].Icmp);
        }
        return answers;
    }

    // One without a TAP of ours cannot be asked, and so does not answer.
    private List<ProbeTarget> FindTargets(HostNetworkKernel kernel, List<Attachment> attachments)
    {
        var batch = new NetlinkBatch();
        foreach (var attachment in attachments)
            batch.LinkGet(attachment.TapName);
        var links = kernel.Netlink.GetLinks(batch);
        // What a port hears is the bridge's.
        var bridge = attachments.Exists(a => a.Mode == NetworkMode.Bridge)
            ? GuestBridge.FindOurs(kernel.Netlink)
            : null;
        var targets = new List<ProbeTarget>(attachments.Count);
        for (var i = 0; i < links.Length; i++)
        {
            if (links[i] is not { } link || !AttachmentSetup.IsOurs(link))
                continue;
            var asking = attachments[i].Mode == NetworkMode.Routed ? link : bridge;
            if (asking is { } found)
                targets.Add(
                    new ProbeTarget(
                        found.Index,
                        attachments[i].Address,
                        attachments[i].Mac,
                        found.Mac ?? HostNetworkMarks.RouterMac,
                        attachments[i].Gateway ?? _desired.FallbackSource
                    )
                );
        }
        return targets;
    }
}
