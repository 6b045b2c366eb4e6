using System.Net;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.ForeignRules;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

/// <summary>The older setup's rules: found, replaced in one step, put back as they were.</summary>
public sealed class ForeignRuleTests : IDisposable
{
    private const string Old = "-A POSTROUTING -s 192.168.100.0/24 -o up0 -j MASQUERADE";
    private const int Port = 5353;
    private static readonly Attachment First = TestHost.At("192.168.100.2");
    private static readonly PoolNetwork Grown = new(
        Ipv4Network.Parse("192.168.0.0/16"),
        [Ipv4Address.Parse("192.168.0.1"), TestHost.Gateway],
        false
    );

    private readonly string _backup = Path.Combine(Path.GetTempPath(), $"backup-{Guid.NewGuid():N}");

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
        await using var host = await StartAsync();
        Iptables(host, "-s 10.9.0.0/16 -o up0 -j MASQUERADE");
        Iptables(host, rule);
        Iptables(host, "-s 10.10.0.0/16 -o up0 -j SNAT --to-source 203.0.113.2");
        var before = Saved(host);
        Assert.Contains($"-A POSTROUTING {rule}\n", before);

        var survey = await SurveyAsync(host);
        var found = Assert.Single(survey.ForeignRules);
        Assert.Equal(("ip nat POSTROUTING", $"-A POSTROUTING {rule}"), (found.Place, found.Text));
        Assert.Contains(survey.Changes, change => change.Command == $"iptables -t nat -D POSTROUTING {rule}");

        await BackUpAsync(host, survey.ForeignRules);
        Assert.Equal(survey.Changes.Select(change => change.Done), await SetAsync(host, survey.ForeignRules));
        Assert.Equal(before.Replace($"-A POSTROUTING {rule}\n", "", StringComparison.Ordinal), Saved(host));
        Assert.Empty((await SurveyAsync(host)).Changes);
        Assert.Empty(await SetAsync(host, survey.ForeignRules));

        await RestoreAsync(host, survey.ForeignRules);
        Assert.Equal(before, Saved(host));
        await RestoreAsync(host, survey.ForeignRules);
        Assert.Equal(before, Saved(host));
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
        await using var host = await StartAsync();
        host.Host("ip link add docker0 type bridge");
        host.Host("ip address add 192.168.7.1/24 dev docker0");
        host.Host("iptables-nft -t nat -N THEIRS");
        host.Host($"iptables-nft -t nat -A {rule}");
        await File.WriteAllTextAsync(
            host.RulesFile,
            $"*nat\n-A {rule}\nCOMMIT\n",
            TestContext.Current.CancellationToken
        );
        var before = Saved(host);

        var survey = await SurveyAsync(host);

        Assert.Empty(survey.ForeignRules);
        Assert.Equal(named ? 2 : 0, survey.Notices.Count);
        Assert.All(survey.Notices, notice => Assert.Contains(" is left alone: ", notice));
        await SetAsync(host, survey.ForeignRules);
        Assert.Equal(before, Saved(host));
    }

    [Fact]
    public async Task A_rule_of_nft_is_replaced_and_put_back_as_well()
    {
        await using var host = await StartAsync();
        host.Host("nft add table ip mynat");
        host.Host("nft add chain ip mynat post { type nat hook postrouting priority 90; }");
        host.Host("nft add rule ip mynat post ip daddr 10.0.0.0/8 accept");
        host.Host("nft add rule ip mynat post ip saddr 192.168.100.0/24 oifname up0 counter masquerade comment mine");
        host.Host("nft add rule ip mynat post ip saddr 10.9.0.0/16 masquerade");
        host.Host("nft add table inet both");
        host.Host("nft add chain inet both post { type nat hook postrouting priority 95; }");
        host.Host("nft add rule inet both post ip saddr 192.168.100.0/24 masquerade");
        var before = host.Host("nft -s list ruleset");

        var survey = await SurveyAsync(host);
        Assert.Equal(["ip mynat post", "inet both post"], survey.ForeignRules.Select(rule => rule.Place));
        Assert.Contains(
            survey.Changes,
            change => change.Command.StartsWith("nft delete rule ip mynat post handle ", StringComparison.Ordinal)
        );
        await BackUpAsync(host, survey.ForeignRules);
        await SetAsync(host, survey.ForeignRules);
        Assert.DoesNotContain("saddr 192.168.100.0/24", host.Host("nft -s list ruleset"));

        await SetAsync(host, [], new PoolNetwork(TestHost.Pool, [TestHost.Gateway], false));
        await RestoreAsync(host, survey.ForeignRules);
        Assert.Equal(before, host.Host("nft -s list ruleset"));
    }

    [Fact]
    public async Task Equal_rules_go_together_and_come_back_in_their_places()
    {
        await using var host = await StartAsync();
        Iptables(host, Old["-A POSTROUTING ".Length..]);
        Iptables(host, "-s 10.9.0.0/16 -j MASQUERADE");
        Iptables(host, Old["-A POSTROUTING ".Length..]);
        var before = Saved(host);

        var rules = (await SurveyAsync(host)).ForeignRules;
        Assert.Equal(2, rules.Count);
        await BackUpAsync(host, rules);
        await SetAsync(host, rules);
        Assert.DoesNotContain(Old, Saved(host));

        await RestoreAsync(host, rules);
        Assert.Equal(before, Saved(host));
    }

    [Fact]
    public async Task Rules_that_were_loaded_anew_are_found_although_their_handles_differ()
    {
        await using var host = await StartAsync();
        Iptables(host, Old["-A POSTROUTING ".Length..]);
        var rules = (await SurveyAsync(host)).ForeignRules;
        host.Host("iptables-nft -t nat -F POSTROUTING");
        Iptables(host, "-s 10.9.0.0/16 -j MASQUERADE");
        Iptables(host, Old["-A POSTROUTING ".Length..]);

        await SetAsync(host, rules);

        Assert.DoesNotContain(Old, Saved(host));
        Assert.Contains("-s 10.9.0.0/16 -j MASQUERADE", Saved(host));
    }

    [Fact]
    public async Task What_has_counted_meanwhile_is_the_same_rule_and_its_counters_come_back()
    {
        await using var host = await StartAsync();
        host.Host($"iptables-nft -t nat -A POSTROUTING -c 12 3456 {Old["-A POSTROUTING ".Length..]}");
        var rules = (await SurveyAsync(host)).ForeignRules;
        await BackUpAsync(host, rules);
        host.Host("iptables-nft -t nat -Z");
        Assert.Equal(rules, (await SurveyAsync(host)).ForeignRules);

        await SetAsync(host, rules);
        await RestoreAsync(host, rules);

        Assert.Contains($"[12:3456] {Old}", host.Host("iptables-nft-save -c -t nat"));
    }

    [Fact]
    public async Task A_backup_that_is_repeated_keeps_what_the_first_one_found()
    {
        await using var host = await StartAsync();
        Iptables(host, "-s 10.9.0.0/16 -j MASQUERADE");
        Iptables(host, Old["-A POSTROUTING ".Length..]);
        Iptables(host, "-s 10.10.0.0/16 -j MASQUERADE");
        var before = Saved(host);
        var rules = (await SurveyAsync(host)).ForeignRules;

        await BackUpAsync(host, rules);
        await SetAsync(host, rules);
        await BackUpAsync(host, rules);
        await RestoreAsync(host, rules);

        Assert.Equal(before, Saved(host));
        Assert.Equal("700", host.Host("stat -c %a", _backup).Trim());
        Assert.Contains(
            "table inet master_controller {",
            await File.ReadAllTextAsync(
                Path.Combine(_backup, "master_controller.nft"),
                TestContext.Current.CancellationToken
            )
        );
    }

    [Fact]
    public async Task Without_a_backup_rules_come_back_at_the_end()
    {
        await using var host = await StartAsync();
        Iptables(host, Old["-A POSTROUTING ".Length..]);
        Iptables(host, "-s 10.9.0.0/16 -j MASQUERADE");
        await WriteAsync(host, $"*nat\n{Old}\n-A POSTROUTING -j THEIRS\nCOMMIT\n");
        var rules = (await SurveyAsync(host)).ForeignRules;
        await SetAsync(host, rules);

        await RestoreAsync(host, rules);

        Assert.EndsWith($"-A POSTROUTING -s 10.9.0.0/16 -j MASQUERADE\n{Old}\nCOMMIT\n", WithoutComments(Saved(host)));
        Assert.Equal($"*nat\n-A POSTROUTING -j THEIRS\n{Old}\nCOMMIT\n", await ReadAsync(host));
    }

    [Fact]
    public async Task A_chain_that_is_gone_is_an_error_that_names_it()
    {
        await using var host = await StartAsync();
        Iptables(host, Old["-A POSTROUTING ".Length..]);
        var rules = (await SurveyAsync(host)).ForeignRules;
        await BackUpAsync(host, rules);
        host.Host("nft delete table ip nat");

        var failure = await Assert.ThrowsAsync<HostNetworkException>(() => RestoreAsync(host, rules));

        Assert.Contains("ip nat POSTROUTING", failure.Message);
    }

    [Fact]
    public async Task Ours_and_others_change_together_or_not_at_all()
    {
        await using var host = await StartAsync();
        Iptables(host, Old["-A POSTROUTING ".Length..]);
        var before = host.Snapshot();

        host.Namespace.Run(() =>
        {
            using var nftables = NftablesContext.Open();
            var firewall = new Firewall(nftables);
            var rule = Assert.Single(LiveForeignRule.Find([new ForeignRule("ip nat POSTROUTING", Old, Content(host))]));
            var plan = firewall.Plan(
                new FirewallSets([Grown], HostNetworkOptions.DefaultRefusedNetworks, "up0"),
                [rule, rule with { Handle = 4_711 }]
            );
            Assert.Throws<NftablesException>(() => firewall.Run(plan));
        });

        Assert.Equal(before, host.Snapshot());
    }

    [Fact]
    public async Task A_line_of_the_file_goes_after_the_live_rule_and_comes_back_byte_for_byte()
    {
        await using var host = await StartAsync();
        Iptables(host, Old["-A POSTROUTING ".Length..]);
        var text =
            $"# Generated by iptables-save\n*filter\n:FORWARD ACCEPT [0:0]\n{Old}\nCOMMIT\n"
            + $"*nat\n:POSTROUTING ACCEPT [7:8]\n[12:3456] {Old}\n  -A POSTROUTING -s 10.9.0.0/16 -j MASQUERADE\nCOMMIT";
        await WriteAsync(host, text);
        File.SetUnixFileMode(host.RulesFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        host.Host($"chown 4711:4712 {host.RulesFile}");

        var survey = await SurveyAsync(host);
        Assert.Equal(["ip nat POSTROUTING", host.RulesFile], survey.ForeignRules.Select(rule => rule.Place));
        Assert.Equal([true, false], survey.ForeignRules.Select(rule => rule.IsLive));
        await BackUpAsync(host, survey.ForeignRules);
        Assert.Equal(survey.Changes.Select(change => change.Done), await SetAsync(host, survey.ForeignRules));

        Assert.Equal(text.Replace($"[12:3456] {Old}\n", "", StringComparison.Ordinal), await ReadAsync(host));
        Assert.Equal("640 4711 4712", host.Host("stat -c", "%a %u %g", host.RulesFile).Trim());
        await RestoreAsync(host, survey.ForeignRules);
        Assert.Equal(text, await ReadAsync(host));
        Assert.Equal("640 4711 4712", host.Host("stat -c", "%a %u %g", host.RulesFile).Trim());
    }

    [Fact]
    public async Task The_sed_of_the_survey_does_what_the_controller_does()
    {
        await using var host = await StartAsync();
        await WriteAsync(host, $"*nat\n{Old}\n-A POSTROUTING -s 10.9.0.0/16 -j MASQUERADE\nCOMMIT\n");
        var change = Assert.Single((await SurveyAsync(host)).Changes, change => change.Object == "file");

        host.Host("sh -c", change.Command);

        Assert.Equal("*nat\n-A POSTROUTING -s 10.9.0.0/16 -j MASQUERADE\nCOMMIT\n", await ReadAsync(host));
    }

    [Fact]
    public async Task A_file_that_is_not_text_is_told_and_left_alone()
    {
        await using var host = await StartAsync();
        await File.WriteAllBytesAsync(host.RulesFile, [0xff, 0xfe], TestContext.Current.CancellationToken);

        var survey = await SurveyAsync(host);

        Assert.Contains("is not UTF-8", Assert.Single(survey.Notices));
    }

    [Fact]
    public async Task A_flow_through_address_translation_goes_on_while_its_rule_is_replaced_and_put_back()
    {
        await using var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(First));
        Iptables(host, Old["-A POSTROUTING ".Length..]);
        using var guest = await host.PlugInAsync(First);
        using var server = host.ListenOnInternet(Port);
        var router = guest.Router;
        var rules = (await SurveyAsync(host)).ForeignRules;
        await BackUpAsync(host, rules);
        var seen = new HashSet<string>();

        for (var i = 0; i < 30; i++)
        {
            if (i == 10)
                await SetAsync(host, rules);
            if (i == 20)
                await RestoreAsync(host, rules);
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

    public void Dispose()
    {
        if (Directory.Exists(_backup))
            Directory.Delete(_backup, recursive: true);
    }

    private static async Task<TestHost> StartAsync()
    {
        var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired());
        return host;
    }

    private static string Content(TestHost host) =>
        host.Namespace.Run(() =>
        {
            using var socket = NftRuleSocket.Open();
            return Convert.ToBase64String(
                Assert.Single(socket.Rules(), rule => rule.ReadSourceNat()?.Text == Old).Content
            );
        });

    // Words in quotes are one argument, as a shell has it.
    private static void Iptables(TestHost host, string rule) =>
        host.Host("sh -c", $"iptables-nft -t nat -A POSTROUTING {rule}");

    private static string Saved(TestHost host) => WithoutTimes(host.Host("iptables-nft-save -t nat"));

    private static string WithoutTimes(string saved) =>
        string.Join('\n', saved.Split('\n').Select(line => line.Split(" on ")[0]));

    private static string WithoutComments(string saved) =>
        string.Join('\n', saved.Split('\n').Where(line => !line.StartsWith('#')));

    private static Task WriteAsync(TestHost host, string text) =>
        File.WriteAllTextAsync(host.RulesFile, text, TestContext.Current.CancellationToken);

    private static Task<string> ReadAsync(TestHost host) =>
        File.ReadAllTextAsync(host.RulesFile, TestContext.Current.CancellationToken);

    private static Task<HostSurvey> SurveyAsync(TestHost host) =>
        host.Network.SurveyAsync([Grown], 65_533, TestContext.Current.CancellationToken);

    private Task BackUpAsync(TestHost host, IReadOnlyList<ForeignRule> rules) =>
        host.Network.BackUpAsync(rules, _backup, TestContext.Current.CancellationToken);

    private Task RestoreAsync(TestHost host, IReadOnlyList<ForeignRule> rules) =>
        host.Network.RestoreAsync(rules, _backup, TestContext.Current.CancellationToken);

    private static Task<IReadOnlyList<string>> SetAsync(
        TestHost host,
        IReadOnlyList<ForeignRule> replaced,
        params PoolNetwork[] networks
    ) =>
        host.Network.SetNetworksAsync(
            networks.Length == 0 ? [Grown] : networks,
            replaced,
            TestContext.Current.CancellationToken
        );
}
