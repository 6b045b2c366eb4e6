using System.Net;
using MasterController.Contracts;
using MasterController.LinuxTests.Images;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>VMs that the far side of a provider's router reaches, and what each side sees of the other.</summary>
public sealed class DedicatedAddressTests(BuiltImage image)
{
    private const string Ipv6 = "2001:db8:1250::100:2";

    public static TheoryData<bool> OnLink => [true, false];

    [Theory]
    [MemberData(nameof(OnLink))]
    public async Task A_guest_has_an_address_of_its_own_on_the_internet(bool onLink)
    {
        await using var provider = ProviderNetwork.Create(onLink);
        await using var host = await StartAsync(provider);
        var web = await CreateAsync(host, "web", "auto");

        Assert.Equal(Ipv6, web.Ipv6);
        var status = await host.Api.ExternalAsync();
        Assert.Equal(onLink ? "on-link" : "routed", status.Delivery);
        Assert.Equal(1, status.Counts.Single(count => count.Kind == "ipv6").Used);
        Assert.Equal(Ipv6, host.AskGuest(web, $"fetch?{ProviderNetwork.Far6}/cgi-bin/whoami"));
        Assert.Null(provider.Fetch($"[{Ipv6}]"));
        Assert.False(provider.Pings(Ipv6));

        await host.Api.OpenAsync(web, "tcp/80");
        Assert.Equal(ProviderNetwork.Far6, provider.Fetch($"[{Ipv6}]"));
        Assert.False(provider.Pings(Ipv6));
        var opened = await host.Api.OpenAsync(web, "icmp");
        Assert.True(provider.Pings(Ipv6));
        await host.Api.RollBackAsync(opened);
        Assert.False(provider.Pings(Ipv6));

        Assert.Equal(
            "3 packets transmitted, 0 packets received, 100% packet loss",
            host.AskGuest(web, $"spoof?2001:db8:1250::100:99,{ProviderNetwork.Far6}")
        );
        var check = await host.Api.CheckExternalAsync(web);
        Assert.True(check.Passed, string.Join('\n', check.Findings));
        Assert.Contains(check.Findings, finding => finding is { Subject: Ipv6, Check: "guest", Passed: true });

        await host.KillControllerAsync();
        Assert.Equal(ProviderNetwork.Far6, provider.Fetch($"[{Ipv6}]"));
        await host.StartControllerAsync();
        Assert.Equal(ProviderNetwork.Far6, provider.Fetch($"[{Ipv6}]"));
        await host.Api.CloseAsync(web, "tcp/80");
        Assert.Null(provider.Fetch($"[{Ipv6}]"));
    }

    [Theory]
    [MemberData(nameof(OnLink))]
    public async Task A_public_IPv4_address_is_a_guests_in_and_out(bool onLink)
    {
        await using var provider = ProviderNetwork.Create(onLink);
        await using var host = await StartAsync(provider);
        var web = await CreateAsync(host, "web", ipv6: null);
        var other = await CreateAsync(host, "other", ipv6: null);

        var attached = await host.Api.AttachAddressAsync(web, new AttachAddressRequest());
        var address = attached.Vms[0].After.PublicIpv4!;
        Assert.Equal(provider.FirstIpv4, address);
        Assert.Equal(address, (await host.Api.VmAsync(web.Id)).PublicIpv4);
        Assert.Null(provider.Fetch(address));
        Assert.Equal(address, host.AskGuest(web, $"fetch?{ProviderNetwork.Far}/cgi-bin/whoami"));

        await host.Api.OpenAsync(web, "tcp/80");
        Assert.Equal(ProviderNetwork.Far, provider.Fetch(address));
        Assert.Equal(web.Gateway, ProviderNetwork.Fetch(host, address));
        Assert.Equal(other.Address, host.AskGuest(other, $"fetch?{address}/cgi-bin/whoami"));
        Assert.Equal(web.Gateway, host.AskGuest(web, $"fetch?{address}/cgi-bin/whoami"));

        await host.Api.SendAsync(
            HttpMethod.Post,
            $"vms/{other.Id}/addresses",
            HttpStatusCode.Conflict,
            ContractsJson.Default.Problem,
            ApiClient.Body(new AttachAddressRequest(address), ContractsJson.Default.AttachAddressRequest)
        );
        await host.Api.AttachAddressAsync(other, new AttachAddressRequest(address, Move: true));
        Assert.Null((await host.Api.VmAsync(web.Id)).PublicIpv4);
        Assert.Null(provider.Fetch(address));
        Assert.Equal(TestHost.UplinkAddress, host.AskGuest(web, $"fetch?{ProviderNetwork.Far}/cgi-bin/whoami"));
        await host.Api.OpenAsync(other, "all");
        Assert.Equal(ProviderNetwork.Far, provider.Fetch(address));
    }

    [Fact]
    public async Task A_port_of_the_host_leads_to_a_guest_from_everywhere()
    {
        await using var provider = ProviderNetwork.Create(isOnLink: true);
        await using var host = await StartAsync(provider);
        var web = await CreateAsync(host, "web", ipv6: null);
        var other = await CreateAsync(host, "other", ipv6: null);

        var added = await host.Api.ForwardAsync(new AddForwardRequest(web.Id, GuestPorts: "80", HostPorts: "80"));
        Assert.Equal(ProviderNetwork.Far, provider.Fetch(TestHost.UplinkAddress));
        Assert.Equal(TestHost.UplinkAddress, ProviderNetwork.Fetch(host, TestHost.UplinkAddress));
        Assert.Equal(other.Address, host.AskGuest(other, $"fetch?{TestHost.UplinkAddress}/cgi-bin/whoami"));
        Assert.Equal(web.Gateway, host.AskGuest(web, $"fetch?{TestHost.UplinkAddress}/cgi-bin/whoami"));

        var taken = new AddForwardRequest(other.Id, GuestPorts: "8080", HostPorts: "80");
        var problem = await host.Api.RefusedForwardAsync(taken, HttpStatusCode.Conflict);
        Assert.EndsWith(ProblemTypes.PortInUse, problem.Type);
        using (var server = host.Start("busybox", "nc", "-l", "-p", "8081"))
        {
            await Eventually.TrueAsync(
                () => Task.FromResult(host.Run("ss", "-ltn").Contains(":8081", StringComparison.Ordinal)),
                "something listens"
            );
            problem = await host.Api.RefusedForwardAsync(taken with { HostPorts = "8081" }, HttpStatusCode.Conflict);
            Assert.EndsWith(ProblemTypes.PortInUse, problem.Type);
            server.Kill();
            await server.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var automatic = await host.Api.ForwardAsync(new AddForwardRequest(web.Id, GuestPorts: "80"));
        var port = automatic.Vms[0].After.Forwards.Select(forward => forward.HostPorts).Except(["80"]).Single();
        Assert.Equal("20000", port);
        Assert.Equal(ProviderNetwork.Far, provider.Fetch($"{TestHost.UplinkAddress}:{port}"));

        await host.Api.RollBackAsync(automatic);
        await host.Api.RollBackAsync(added);
        Assert.Null(provider.Fetch(TestHost.UplinkAddress));
        Assert.Empty((await host.Api.VmAsync(web.Id)).Forwards!);
    }

    [Fact]
    public async Task What_a_vm_has_stays_with_it_until_it_is_deleted()
    {
        await using var provider = ProviderNetwork.Create(isOnLink: true);
        await using var host = await StartAsync(provider);
        var web = await CreateAsync(host, "web", "auto");
        await host.Api.AttachAddressAsync(web, new AttachAddressRequest());
        await host.Api.ForwardAsync(new AddForwardRequest(web.Id, GuestPorts: "80", HostPorts: "8080"));
        await host.Api.OpenAsync(web, "tcp/80");
        var before = await host.Api.VmAsync(web.Id);
        string[] places = [$"[{Ipv6}]", before.PublicIpv4!, $"{TestHost.UplinkAddress}:8080"];
        Assert.All(places, place => Assert.NotNull(provider.Fetch(place)));

        await host.Api.ChangeAsync(web.Id, "stop", timeoutSeconds: 60);
        Assert.All(places, place => Assert.Null(provider.Fetch(place)));
        await host.Api.ChangeAsync(web.Id, "start");
        await host.Api.WaitReadyAsync(web.Id);
        var after = await host.Api.VmAsync(web.Id);
        Assert.Equal((before.Ipv6, before.PublicIpv4), (after.Ipv6, after.PublicIpv4));
        Assert.All(places, place => Assert.NotNull(provider.Fetch(place)));

        await host.Api.DeleteAsync(web.Id);
        Assert.All(places, place => Assert.Null(provider.Fetch(place)));
        Assert.All((await host.Api.ExternalAsync()).Counts, count => Assert.Equal(0, count.Used));
        Assert.Empty(host.Run("ip", "neighbour", "show", "proxy"));
        Assert.Empty(host.Run("ip", "-6", "neighbour", "show", "proxy"));
        Assert.Empty(host.Run("ip", "-6", "route", "show", "proto", "252", "type", "unicast"));
        foreach (var map in new[] { "forwards", "public_guests", "public_sources", "open", "open6", "open_forwards" })
            Assert.DoesNotContain("elements", host.Run("nft", "list", "map", "inet", "master_controller", map));
        await Task.Delay(TimeSpan.FromSeconds(1.2), TestContext.Current.CancellationToken); // its cool-down
        var again = await CreateAsync(host, "again", Ipv6);
        Assert.Equal(Ipv6, again.Ipv6);
    }

    [Fact]
    public async Task Killed_among_creates_a_vm_has_both_addresses_or_there_is_no_vm()
    {
        await using var provider = ProviderNetwork.Create(isOnLink: true);
        await using var host = await StartAsync(provider);
        var refused = 0;
        for (var round = 0; round < 5; round++)
        {
            var creates = Enumerable.Range(0, 4).Select(_ => TryCreateAsync(host)).ToList();
            await Task.Delay(TimeSpan.FromMilliseconds(8 * round), TestContext.Current.CancellationToken);
            await host.KillControllerAsync();
            refused += (await Task.WhenAll(creates)).Count(isMade => !isMade);
            await host.StartControllerAsync();

            var vms = await host.Api.VmsAsync();
            Assert.All(vms, vm => Assert.Equal($"2001:db8:1250::100:{vm.Address.Split('.')[3]}", vm.Ipv6));
            Assert.Equal(vms.Count, (await host.Api.PoolAsync()).Used);
            var status = await host.Api.ExternalAsync();
            Assert.Equal(vms.Count, status.Counts.Single(count => count.Kind == "ipv6").Used);
        }
        Assert.True(refused > 0, "every create was answered before the controller was killed");
    }

    private static async Task<bool> TryCreateAsync(TestHost host)
    {
        try
        {
            await host.Api.CreateAsync(new CreateVmRequest(Ipv6: "auto"), waitSeconds: 0);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<TestHost> StartAsync(ProviderNetwork provider)
    {
        var host = await TestHost.StartAsync(image, provider.Toml, connect: provider.Connect);
        await provider.ServeAsync();
        return host;
    }

    private static async Task<Vm> CreateAsync(TestHost host, string name, string? ipv6)
    {
        var vm = await host.Api.CreateAsync(new CreateVmRequest(Name: name, Ipv6: ipv6));
        Assert.Equal("running", vm.Status);
        await host.Api.WaitReadyAsync(vm.Id);
        return vm;
    }
}
