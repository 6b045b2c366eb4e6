using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MasterController.Contracts;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;
using Xunit;
using ExternalChange = MasterController.Core.External.ExternalChange;
using ExternalVmChange = MasterController.Core.External.ExternalVmChange;

namespace MasterController.Tests.Daemon;

public sealed class ApiExternalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_nothing_is_configured_there_are_ports_alone()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var status = await ReadAsync(api, "api/v1/external", ContractsJson.Default.ExternalStatus);
        Assert.Equal((null, null, "20000-29999"), (status.Ipv6, status.Delivery, status.ForwardPorts));
        Assert.Equal([new ExternalCount("forward-port", 20_000, 0, 0, 0, 20_000)], status.Counts);
        Assert.Empty((await ReadAsync(api, "api/v1/forwards", ContractsJson.Default.ForwardList)).Items);
        Assert.Empty(
            (
                await ReadAsync(api, "api/v1/external/addresses?kind=ipv6", ContractsJson.Default.DedicatedAddressList)
            ).Items
        );
    }

    [Fact]
    public async Task The_history_of_an_address_says_who_had_it()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var given = ExternalAccess.None with { PublicIpv4 = Ipv4Address.Parse("203.0.113.33") };
        var time = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
        await api.Store.CommitAsync(
            new StoreChange.ExternalChangeSaved(
                new ExternalChange(
                    "ext-1",
                    time,
                    "attach-address",
                    "give 203.0.113.33 to web",
                    [
                        new ExternalVmChange(
                            "vm-a",
                            "web",
                            Ipv4Address.Parse("192.168.100.2"),
                            ExternalAccess.None,
                            given
                        ),
                    ]
                )
            )
        );
        var list = await ReadAsync(
            api,
            "api/v1/external/history?address=203.0.113.33",
            ContractsJson.Default.ExternalChangeList
        );
        var change = Assert.Single(list.Items);
        Assert.Equal(("ext-1", time, false), (change.Id, change.Time, change.Planned));
        Assert.Equal((null, "203.0.113.33"), (change.Vms[0].Before.PublicIpv4, change.Vms[0].After.PublicIpv4));
        Assert.Equal(
            0,
            (await ReadAsync(api, "api/v1/external/history?vm=vm-b", ContractsJson.Default.ExternalChangeList)).Total
        );
    }

    [Theory]
    [InlineData("GET", "external/history?address=web", null, "address")]
    [InlineData("GET", "external/addresses?kind=mac", null, "kind")]
    [InlineData("POST", "vms/web/open", """{"services": ["tcp/0"]}""", "services[0]")]
    [InlineData("POST", "vms/web/open", "{}", "services")]
    [InlineData("POST", "vms/web/close", """{"services": ["tcp/1"], "from": ["10.0.0.0/8"]}""", "from")]
    [InlineData("POST", "vms/web/addresses", """{"address": "here"}""", "address")]
    [InlineData("POST", "vms/web/addresses", """{"kind": "mac"}""", "kind")]
    [InlineData("POST", "vms/web/addresses", """{"move": true}""", "move")]
    [InlineData("POST", "vms/web/addresses", """{"address": "203.0.113.33", "kind": "ipv6"}""", "kind")]
    [InlineData("DELETE", "vms/web/addresses/here", null, "address")]
    [InlineData("POST", "forwards", """{"guestPorts": "80"}""", "vm")]
    [InlineData("POST", "forwards", """{"vm": "web"}""", "guestPorts")]
    [InlineData("POST", "forwards", """{"vm": "web", "guestPorts": "80", "protocol": "icmp"}""", "protocol")]
    public async Task What_cannot_be_is_refused_by_field(string method, string path, string? body, string field)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync(method, $"api/v1/{path}", body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal([field], problem.Errors!.Keys);
    }

    [Theory]
    [InlineData("POST", "vms/web/open", """{"services": ["tcp/22"]}""", "There is no VM \"web\".")]
    [InlineData("POST", "forwards", """{"vm": "web", "guestPorts": "80"}""", "There is no VM \"web\".")]
    [InlineData("POST", "vms/web/external-check", null, "There is no VM \"web\".")]
    [InlineData("GET", "forwards?vm=web", null, "There is no VM \"web\".")]
    [InlineData("DELETE", "forwards/fwd_1", null, "There is no forward \"fwd_1\".")]
    [InlineData("POST", "external/history/ext-9/rollback", null, "There is no change \"ext-9\".")]
    public async Task What_is_not_there_is_not_found(string method, string path, string? body, string detail)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var (response, problem) = await api.RefusedAsync(method, $"api/v1/{path}", body);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(detail, problem.Detail);
    }

    private static async Task<T> ReadAsync<T>(ApiUnderTest api, string path, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(await api.Client.GetStringAsync(path, Token), type)!;
}
