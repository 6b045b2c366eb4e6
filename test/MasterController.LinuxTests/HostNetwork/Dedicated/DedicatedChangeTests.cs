using System.Text.RegularExpressions;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using MasterController.Linux.Probes;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork.Dedicated;

/// <summary>Dedicated addresses come, change and go with and under attachments, and nothing stays behind.</summary>
public sealed class DedicatedChangeTests
{
    private static readonly Attachment Plain = ProviderHost.Guest(2, ipv6: false);
    private static readonly Attachment Ipv6 = ProviderHost.Guest(2);
    private static readonly Attachment Both = ProviderHost.Guest(2, given: ProviderHost.ExtraOf(1));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<PrefixDelivery> Deliveries => [PrefixDelivery.Routed, PrefixDelivery.OnLink];

    [Theory]
    [MemberData(nameof(Deliveries))]
    public async Task An_attachment_brings_them_and_takes_them_along(PrefixDelivery how)
    {
        await using var host = await StartAsync(how);
        var empty = Everything(host);

        await host.AttachAsync(Both);
        var whole = Everything(host);
        Assert.Contains("inet6 fe80::1/128", whole);
        Assert.Contains("2001:db8:1250::100:2 dev fcc0a86402 proto 252 metric 1024", whole);
        Assert.Contains("fe80::fc:c0ff:fea8:6402 dev fcc0a86402 proto 252 metric 1024", whole);
        Assert.Contains("2001:db8:1250::100:2 dev fcc0a86402 lladdr 02:fc:c0:a8:64:02 PERMANENT", whole);
        Assert.Contains("203.0.113.33 dev fcc0a86402 proto 252 scope link src 192.168.100.1", whole);
        Assert.Contains("203.0.113.33 dev up0 proxy proto 252", whole);
        Assert.Equal(
            how == PrefixDelivery.OnLink,
            whole.Contains("2001:db8:1250::100:2 dev up0 proxy", StringComparison.Ordinal)
        );
        await host.AttachAsync(Both);
        Assert.Equal(whole, Everything(host));
        Assert.Empty(await host.ApplyAsync(TestHost.Desired(Both)));

        await host.DetachAsync(Both);
        Assert.Equal(empty, Everything(host));
        await host.DetachAsync(Both);
        Assert.Equal(empty, Everything(host));
    }

    [Theory]
    [MemberData(nameof(Deliveries))]
    public async Task A_running_attachment_is_given_and_loses_them_one_by_one(PrefixDelivery how)
    {
        await using var host = await StartAsync(how);
        var states = new Dictionary<Attachment, string>();
        Attachment[] forms =
        [
            Plain,
            Ipv6,
            Both,
            ProviderHost.Guest(2, ipv6: false, ProviderHost.ExtraOf(1)),
            ProviderHost.Guest(2, ipv6: false, ProviderHost.ExtraOf(2)),
            Ipv6 with
            {
                External = Ipv6.External! with { Ipv6 = Ipv6Address.Parse("2001:db8:1250::beef") },
            },
        ];
        foreach (var form in forms)
        {
            await host.AttachAsync(form);
            states[form] = Everything(host);
            await host.DetachAsync(form);
        }

        await host.AttachAsync(Plain);
        foreach (var form in (Attachment[])[.. forms, .. forms.Reverse()])
        {
            await host.ChangeAsync(form);
            Assert.Equal(states[form], Everything(host));
            await host.ChangeAsync(form);
            Assert.Equal(states[form], Everything(host));
        }
    }

    [Fact]
    public async Task What_is_changed_is_what_the_plan_named()
    {
        await using var host = await StartAsync(PrefixDelivery.OnLink);
        await host.AttachAsync(Plain);

        var plan = await host.Network.PlanExternalAsync([(Plain, Both)], Token);
        string[] links = [.. plan.Where(change => change.Object != "nftables").Select(change => change.Command)];
        Assert.Equal(
            [
                "sysctl -w net.ipv6.conf.fcc0a86402.addr_gen_mode=1 net.ipv6.conf.fcc0a86402.accept_ra=0 net.ipv6.conf.fcc0a86402.disable_ipv6=0",
                "ip -6 address replace fe80::1/128 dev fcc0a86402 nodad noprefixroute",
                "ip -6 route replace 2001:db8:1250::100:2 dev fcc0a86402 proto 252",
                "ip -6 route replace fe80::fc:c0ff:fea8:6402 dev fcc0a86402 proto 252",
                "ip -6 neighbour replace 2001:db8:1250::100:2 dev fcc0a86402 lladdr 02:fc:c0:a8:64:02 nud permanent",
                "ip -6 neighbour replace fe80::fc:c0ff:fea8:6402 dev fcc0a86402 lladdr 02:fc:c0:a8:64:02 nud permanent",
                "ip -6 neighbour replace proxy 2001:db8:1250::100:2 dev up0 protocol 252",
                "ip route replace 203.0.113.33 dev fcc0a86402 src 192.168.100.1 proto 252",
                "ip neighbour replace proxy 203.0.113.33 dev up0 protocol 252",
            ],
            links
        );
        Assert.DoesNotContain("203.0.113.33", Everything(host));

        // What a person types is what the change makes.
        foreach (var command in links)
            // Kernels have no request for a proxy that is there or not but the same; ip calls it "add".
            host.Host(command.Replace("neighbour replace proxy", "neighbour add proxy", StringComparison.Ordinal));
        var typed = host.Ipv6Snapshot();
        await host.ChangeAsync(Both);
        Assert.Equal(typed, host.Ipv6Snapshot());

        string[] back =
        [
            .. (await host.Network.PlanExternalAsync([(Both, Plain)], Token))
                .Where(change => change.Object != "nftables")
                .Select(change => change.Command),
        ];
        await host.DetachAsync(Both);
        await host.AttachAsync(Plain);
        var plain = host.Ipv6Snapshot();
        await host.ChangeAsync(Both);
        foreach (var command in back)
            host.Host(command);
        Assert.Equal(plain, host.Ipv6Snapshot());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_address_that_moves_to_another_VM_stays_answered_for(bool givesFirst)
    {
        await using var host = await StartAsync(PrefixDelivery.OnLink);
        var other = ProviderHost.Guest(3, ipv6: false);
        await host.AttachAsync(Both);
        await host.AttachAsync(other);
        var taken = Plain;
        var given = other with { External = Both.External };

        await host.ChangeAsync(givesFirst ? given : taken);
        await host.ChangeAsync(givesFirst ? taken : given);

        var state = Everything(host);
        Assert.Contains("2001:db8:1250::100:2 dev fcc0a86403 proto 252", state);
        Assert.Contains("2001:db8:1250::100:2 dev up0 proxy", state);
        Assert.Contains("203.0.113.33 dev fcc0a86403 proto 252", state);
        Assert.Contains("203.0.113.33 dev up0 proxy", state);
        Assert.DoesNotContain("100:2 dev fcc0a86402", state);
        // The firewall's elements are in order where the one who loses it is told first, as it is to be.
        if (!givesFirst)
            Assert.Empty(await host.ApplyAsync(TestHost.Desired(taken, given)));
    }

    [Fact]
    public async Task One_that_is_not_attached_stays_so()
    {
        await using var host = await StartAsync(PrefixDelivery.OnLink);
        var empty = Everything(host);

        await host.ChangeAsync(Both);

        Assert.Equal(empty, Everything(host));
    }

    [Fact]
    public async Task A_guest_of_the_bridge_has_its_one_to_one_address_through_the_bridge_and_no_IPv6()
    {
        await using var host = await ProviderHost.StartAsync(PrefixDelivery.OnLink);
        var guest = Both with { Mode = NetworkMode.Bridge };
        await host.ApplyAsync(new([TestHost.Bridged()], []));
        var empty = Everything(host);

        await host.AttachAsync(guest);
        Assert.Contains("203.0.113.33 dev fcbr0 proto 252", Everything(host));
        Assert.DoesNotContain("100:2", Everything(host));
        Assert.Empty(await host.ApplyAsync(new([TestHost.Bridged()], [guest])));

        await host.DetachAsync(guest);
        Assert.Equal(empty, Everything(host));
    }

    [Fact]
    public async Task Who_remembers_another_place_is_told_at_once()
    {
        await using var host = await StartAsync(PrefixDelivery.OnLink);
        await host.AttachAsync(Plain);
        // Where both addresses were before.
        host.Internet("ip -6 neighbour replace 2001:db8:1250::100:2 lladdr 02:00:00:00:00:99 dev far0 nud reachable");
        host.Internet("ip neighbour replace 203.0.113.33 lladdr 02:00:00:00:00:99 dev far0 nud reachable");

        await host.ChangeAsync(Both);

        var here = host.MacOf("up0");
        for (var tries = 0; ; tries++)
        {
            var known = host.Internet("ip neighbour show dev far0") + host.Internet("ip -6 neighbour show dev far0");
            if (
                known.Contains($"203.0.113.33 lladdr {here}", StringComparison.Ordinal)
                && known.Contains($"2001:db8:1250::100:2 lladdr {here}", StringComparison.Ordinal)
            )
                break;
            Assert.True(tries < 100, known);
            await Task.Delay(50, Token);
        }
    }

    [Fact]
    public async Task A_check_says_of_each_piece_whether_it_is_there_and_whether_the_guest_answers()
    {
        await using var host = await StartAsync(PrefixDelivery.OnLink);
        await host.AttachAsync(Both);
        using var guest = await host.PlugInAsync(Both);
        using var answering = new CancellationTokenSource();
        var answers = Task.Run(() => Answer(guest, answering.Token), Token);

        var findings = await host.Network.CheckExternalAsync(Both, TimeSpan.FromSeconds(10), Token);

        Assert.All(
            findings.Where(finding => finding.Check is not "open"),
            finding => Assert.True(finding.Passed, $"{finding}")
        );
        Assert.Equal(
            ["2001:db8:1250::100:2 answers neighbour solicitation and echo"],
            findings.Where(f => f.Check == "guest" && f.Subject.Contains(':')).Select(f => $"{f.Subject} {f.Detail}")
        );
        Assert.Contains(findings, f => f is { Subject: "2001:db8:1250::100:2", Check: "route" });
        Assert.Contains(findings, f => f is { Subject: "2001:db8:1250::100:2", Check: "neighbour proxy" });
        Assert.Contains(findings, f => f is { Subject: "203.0.113.33", Check: "neighbour proxy" });

        await answering.CancelAsync();
        await answers;
        host.Host("ip -6 route delete 2001:db8:1250::100:2 dev fcc0a86402");
        host.Host("ip neighbour delete proxy 203.0.113.33 dev up0");
        findings = await host.Network.CheckExternalAsync(Both, TimeSpan.FromMilliseconds(300), Token);
        Assert.Equal(
            [("2001:db8:1250::100:2", "guest"), ("2001:db8:1250::100:2", "route"), ("203.0.113.33", "neighbour proxy")],
            findings
                .Where(f => f.Passed == false && f.Subject != "192.168.100.2")
                .Select(f => (f.Subject, f.Check))
                .Order()
        );
    }

    private static void Answer(Guest guest, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (guest.TryReceive(TimeSpan.FromMilliseconds(50)) is not { } frame)
                continue;
            var own = ProviderHost.Ipv6Of(2);
            if (Ipv6Frames.IsSolicitationFor(frame, own))
                guest.Send(
                    Ipv6Frames.Advertise(HostNetworkMarks.RouterMac, guest.Mac, own, HostNetworkMarks.Gateway6, own)
                );
            else if (Ipv6Frames.IsEchoRequest(frame))
                guest.Send(Ipv6Frames.EchoReply(frame, guest.Mac));
            else if (frame.Length >= 42 && frame[12] == 8 && frame[13] == 6 && frame[21] == 1)
                guest.Send(
                    Frames.ArpReply(
                        MacAddress.FromBytes(frame.AsSpan(6, 6)),
                        Ipv4Address.FromBytes(frame.AsSpan(28)),
                        guest.Mac,
                        guest.Address
                    )
                );
        }
    }

    // How a TAP would make addresses matters where it has IPv6, and is among the settings there.
    private static string Everything(TestHost host) =>
        Regex.Replace(host.Snapshot(), @" addrgenmode \S+", "") + host.Ipv6Snapshot();

    private static async Task<TestHost> StartAsync(PrefixDelivery how)
    {
        var host = await ProviderHost.StartAsync(how);
        await host.ApplyAsync(TestHost.Desired());
        return host;
    }
}
