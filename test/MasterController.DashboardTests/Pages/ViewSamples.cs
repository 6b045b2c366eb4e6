using System.Text.Json;
using MasterController.Contracts;

namespace MasterController.DashboardTests.Pages;

/// <summary>Answers of the controller that pages are rendered from.</summary>
internal static class ViewSamples
{
    public static Pool Pool(string name = "default", string cidr = "192.168.100.0/24") =>
        new(
            name,
            [new PoolRange(cidr, "192.168.100.2", "192.168.100.254", "192.168.100.1", [])],
            253,
            2,
            1,
            0,
            250,
            30,
            "lowest-free",
            false,
            false,
            [],
            [],
            null,
            1,
            "routed"
        );

    public static void HasPools(this FakeController controller, params Pool[] pools) =>
        controller.Reply("GET /api/v1/pools", new PoolList(pools), ContractsJson.Default.PoolList);

    public static void HasMap(this FakeController controller, byte leased = 2, string network = "192.168.100.0/24")
    {
        var codes = new byte[256];
        codes.AsSpan(1, 254).Fill(1);
        codes[1] = 5;
        codes.AsSpan(2, leased).Fill(2);
        controller.Reply(
            "GET /api/v1/pools/default/map",
            new AddressMap("default", default, network, 32, Convert.ToBase64String(codes)),
            ContractsJson.Default.AddressMap
        );
    }

    public static void HasAddress(
        this FakeController controller,
        string address,
        string? pool,
        string state,
        string? vm
    ) =>
        controller.Reply(
            $"GET /api/v1/addresses/{address}",
            new AddressInfo(
                address,
                state,
                vm is null ? null : "it is leased",
                pool,
                null,
                vm is null ? null : "vm-1",
                vm,
                null,
                null,
                null,
                new AddressKernel("192.168.100.2 dev fcc0a86402", null, [], null)
            ),
            ContractsJson.Default.AddressInfo
        );

    /// <summary>Of a key that may not read stats, so that who it is stays all that is known.</summary>
    public static void HasRole(this FakeController controller, string role)
    {
        controller.Reply(
            "GET /api/v1/whoami",
            new WhoAmI("key:test (k-000000000000)", role, null, null, null),
            ContractsJson.Default.WhoAmI
        );
        controller.Refuse("GET /api/v1/stats", new Problem("/problems/forbidden", "No.", 403));
    }

    public static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
