using System.Net;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.ForeignRules;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

/// <summary>The older setup's rules: found, and replaced in one step.</summary>
public sealed class ForeignRuleTests
{
    private const int Port = 5353;
    private static readonly Attachment First = TestHost.At("192.168.100.2");

    [Theory]
    [InlineData("-s 192.168.100.0/24 -o up0 -j MASQUERADE")]
    [InlineData("-s 192.168.100.0/24 -j MASQUERADE")]
    [InlineData("-s 192.168.100.0/24 -o up+ -j MASQUERADE")]
    [InlineData("-s 192.168.100.0/24 ! -o fcbr0 -j MASQUERADE")]
    [InlineData("-s 192.168.100.0/24 ! -d 192.168.100.0/24 -o up0 -j MASQUERADE --random")]
    [InlineData("-s 192.168.100.0/22 -o up0 -m comment --comment \"old \\\"VMs\\\"\" -j MASQUERADE --random-fully")]
    [InlineData("-s 192.168.100.7/32 -o up0 -m comment --comment vms -j MASQUERADE")]
    public async Task A_rule_of_iptables_is_found_as_iptables_writes_it_and_is_put_back_unchanged(string rule)
    {
        await using var old = await OldSetup.StartAsync();
        old.AddRule("-s 10.9.0.0/16 -o up0 -j MASQUERADE");
        old.AddRule(rule);
        old.AddRule("-s 10.10.0.0/16 -o up0 -j SNAT --to-source 203.0.113.2");
        var before = old.Saved();
        Assert.Contains($"-A POSTROUTING {rule}\n", before);

        var survey = await old.SurveyAsync();
        var found = Assert.Single(survey.ForeignRules);
        Assert.Equal(("ip nat POSTROUTING", $"-A POSTROUTING {rule}"), (found.Place, found.Text));
        Assert.Contains(survey.Changes, change => change.Command == $"iptables -t nat -D POSTROUTING {rule}");

        await old.BackUpAsync(survey.ForeignRules);
        Assert.Equal(survey.Changes.Select(change => change.Done), await old.SetAsync(survey.ForeignRules));
        Assert.Equal(before.Replace($"-A POSTROUTING {rule}\n", "", StringComparison.Ordinal), old.Saved());
        Assert.Empty((await old.SurveyAsync()).Changes);
        Assert.Empty(await old.SetAsync(survey.ForeignRules));

        await old.RestoreAsync(survey.ForeignRules);
        Assert.Equal(before, old.Saved());
        await old.RestoreAsync(survey.ForeignRules);
        Assert.Equal(before, old.Saved());
    }

    [Theory]
    [InlineData("POSTROUTING -s 10.9.0.0/16 -o up0 -j MASQUERADE", false)] // another network's
    [InlineData("POSTROUTING -o up0 -j MASQUERADE", false)] // everybody's
    [InlineData("POSTROUTING -s 192.168.100.0/24 -o up0 -j SNAT --to-source 203.0.113.2", true)]
    [InlineData("POSTROUTING -s 192.168.100.0/24 -o up0 -p tcp -m tcp --dport 80 -j MASQUERADE", true)]
    [InlineData("POSTROUTING -s 192.168.100.0/24 -o wan7 -j MASQUERADE", true)]
    [InlineData("POSTROUTING -s 192.168.100.0/24 ! -d 10.0.0.0/8 -o up0 -j MASQUERADE", true)]
    [InlineData("POSTROUTING -s 192.168.7.0/24 ! -o docker0 -j MASQUERADE", true)]
    [InlineData("POSTROUTING -s 192.168.7.0/24 -o up0 -j MASQUERADE", true)] // docker0's network
    [InlineData("POSTROUTING -s 192.0.0.0/8 -o up0 -j MASQUERADE", true)] // wider than the pool
    [InlineData("THEIRS -s 192.168.100.0/24 -o up0 -j MASQUERADE", true)]
    [InlineData("POSTROUTING ! -s 192.168.100.0/24 -o up0 -j MASQUERADE", false)]
    public async Task What_does_more_or_is_anothers_is_left_alone_and_named_where_it_touches_the_pool(
        string rule,
        bool named
    )
    {
        await using var old = await OldSetup.StartAsync();
        old.Host.Host("ip link add docker0 type bridge");
        old.Host.Host("ip address add 192.168.7.1/24 dev docker0");
        old.Host.Host("iptables-nft -t nat -N THEIRS");
        old.Host.Host($"iptables-nft -t nat -A {rule}");
        await File.WriteAllTextAsync(
            old.Host.RulesFile,
            $"*nat\n-A {rule}\nCOMMIT\n",
            TestContext.Current.CancellationToken
        );
        var before = old.Saved();

        var survey = await old.SurveyAsync();

        Assert.Empty(survey.ForeignRules);
        Assert.Equal(named ? 2 : 0, survey.Notices.Count);
        Assert.All(survey.Notices, notice => Assert.Contains(" is left alone: ", notice));
        await old.SetAsync(survey.ForeignRules);
        Assert.Equal(before, old.Saved());
    }

    [Fact]
    public async Task A_rule_of_nft_is_replaced_and_put_back_as_well()
    {
        await using var old = await OldSetup.StartAsync();
        old.Host.Host("nft add table ip mynat");
        old.Host.Host("nft add chain ip mynat post { type nat hook postrouting priority 90; }");
        old.Host.Host("nft add rule ip mynat post ip daddr 10.0.0.0/8 accept");
        old.Host.Host(
            "nft add rule ip mynat post ip saddr 192.168.100.0/24 oifname up0 counter masquerade comment mine"
        );
        old.Host.Host("nft add rule ip mynat post ip saddr 10.9.0.0/16 masquerade");
        old.Host.Host("nft add table inet both");
        old.Host.Host("nft add chain inet both post { type nat hook postrouting priority 95; }");
        old.Host.Host("nft add rule inet both post ip saddr 192.168.100.0/24 masquerade");
        var before = old.Host.Host("nft -s list ruleset");

        var survey = await old.SurveyAsync();
        Assert.Equal(["ip mynat post", "inet both post"], survey.ForeignRules.Select(rule => rule.Place));
        Assert.Contains(
            survey.Changes,
            change => change.Command.StartsWith("nft delete rule ip mynat post handle ", StringComparison.Ordinal)
        );
        await old.BackUpAsync(survey.ForeignRules);
        await old.SetAsync(survey.ForeignRules);
        Assert.DoesNotContain("saddr 192.168.100.0/24", old.Host.Host("nft -s list ruleset"));

        await old.SetAsync([], new PoolNetwork(TestHost.Pool, [TestHost.Gateway], false));
        await old.RestoreAsync(survey.ForeignRules);
        Assert.Equal(before, old.Host.Host("nft -s list ruleset"));
    }

    [Fact]
    public async Task Rules_that_were_loaded_anew_are_found_although_their_handles_differ()
    {
        await using var old = await OldSetup.StartAsync();
        old.AddRule(OldSetup.Rule);
        var rules = (await old.SurveyAsync()).ForeignRules;
        old.Host.Host("iptables-nft -t nat -F POSTROUTING");
        old.AddRule("-s 10.9.0.0/16 -j MASQUERADE");
        old.AddRule(OldSetup.Rule);

        await old.SetAsync(rules);

        Assert.DoesNotContain(OldSetup.Line, old.Saved());
        Assert.Contains("-s 10.9.0.0/16 -j MASQUERADE", old.Saved());
    }

    [Fact]
    public async Task Ours_and_others_change_together_or_not_at_all()
    {
        await using var old = await OldSetup.StartAsync();
        old.AddRule(OldSetup.Rule);
        var before = old.Host.Snapshot();

        old.Host.Namespace.Run(() =>
        {
            using var nftables = NftablesContext.Open();
            var firewall = new Firewall(nftables);
            var rule = Assert.Single(
                LiveForeignRule.Find([new ForeignRule("ip nat POSTROUTING", OldSetup.Line, Content(old.Host))])
            );
            var plan = firewall.Plan(
                new FirewallSets([OldSetup.Grown], new HostNetworkOptions().Refused, "up0"),
                attachments: [],
                [rule, rule with { Handle = 4_711 }],
                withGuests: true
            );
            Assert.Throws<NftablesException>(() => firewall.Run(plan));
        });

        Assert.Equal(before, old.Host.Snapshot());
    }

    [Fact]
    public async Task The_sed_of_the_survey_does_what_the_controller_does()
    {
        await using var old = await OldSetup.StartAsync();
        await old.WriteAsync($"*nat\n{OldSetup.Line}\n-A POSTROUTING -s 10.9.0.0/16 -j MASQUERADE\nCOMMIT\n");
        var change = Assert.Single((await old.SurveyAsync()).Changes, change => change.Object == "file");

        old.Host.Host("sh -c", change.Command);

        Assert.Equal("*nat\n-A POSTROUTING -s 10.9.0.0/16 -j MASQUERADE\nCOMMIT\n", await old.ReadAsync());
    }

    [Fact]
    public async Task A_file_that_is_not_text_is_told_and_left_alone()
    {
        await using var old = await OldSetup.StartAsync();
        await File.WriteAllBytesAsync(old.Host.RulesFile, [0xff, 0xfe], TestContext.Current.CancellationToken);

        var survey = await old.SurveyAsync();

        Assert.Contains("is not UTF-8", Assert.Single(survey.Notices));
    }

    [Fact]
    public async Task A_flow_through_address_translation_goes_on_while_its_rule_is_replaced_and_put_back()
    {
        await using var old = await OldSetup.StartAsync(First);
        var host = old.Host;
        old.AddRule(OldSetup.Rule);
        using var guest = await host.PlugInAsync(First);
        using var server = host.ListenOnInternet(Port);
        var router = guest.Router;
        var rules = (await old.SurveyAsync()).ForeignRules;
        await old.BackUpAsync(rules);
        var seen = new HashSet<string>();

        for (var i = 0; i < 30; i++)
        {
            if (i == 10)
                await old.SetAsync(rules);
            if (i == 20)
                await old.RestoreAsync(rules);
            guest.Send(Frames.Udp(router, guest.Mac, guest.Address, TestHost.InternetAddress, Port, $"packet {i}"));
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            var buffer = new byte[64];
            var length = server.ReceiveFrom(buffer, ref from);
            Assert.Equal($"packet {i}", System.Text.Encoding.ASCII.GetString(buffer, 0, length));
            seen.Add(from.ToString()!);
            server.SendTo(buffer.AsSpan(0, length), from);
            Assert.NotNull(guest.Receive(frame => Guest.IsUdp(frame, $"packet {i}"), null));
            Assert.True(guest.Ping(TestHost.InternetAddress));
        }

        Assert.Equal(["203.0.113.2:40000"], seen);
    }

    private static string Content(TestHost host) =>
        host.Namespace.Run(() =>
        {
            using var socket = NftRuleSocket.Open();
            return Convert.ToBase64String(
                Assert.Single(socket.Rules(), rule => rule.ReadSourceNat()?.Text == OldSetup.Line).Content
            );
        });
}
