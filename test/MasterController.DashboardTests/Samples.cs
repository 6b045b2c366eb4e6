using Bunit;
using MasterController.Contracts;
using Microsoft.AspNetCore.Components;

namespace MasterController.DashboardTests;

/// <summary>Answers of a controller, such as tests of pages need.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static PoolRange Range(string cidr) => new(cidr, "first", "last", "gateway", []);

    public static Pool Pool(string name = "default", string cidr = "192.168.100.0/24") =>
        new(name, [Range(cidr)], 253, 210, 4, 3, 36, 30, "lowest-free", false, false, [], [], null, 1, "routed");

    public static PoolStats PoolStats { get; } =
        new(
            "default",
            Time,
            253,
            210,
            4,
            3,
            36,
            true,
            1,
            0,
            [new RangeStats("192.168.100.0/24", "192.168.100.2", "192.168.100.254", 253, 210, 4, 3, 36, 1, 0)],
            [],
            [],
            [
                new PoolForecast("hour", "full-at", 12, TimeProvider.System.GetUtcNow().AddHours(3), Time),
                new PoolForecast("day", "never", -1.5, null, Time),
                new PoolForecast("week", "too-few-samples", null, null, Time),
            ]
        );

    public static PoolCapacity Capacity { get; } =
        new("default", 253, 65_536, 16_777_216, "The /24 is nearly full", "192.168.0.0/16", 65_533);

    public static Stats Stats { get; } =
        new(
            Time,
            [PoolStats],
            [Capacity],
            new VmStats(
                210,
                new Dictionary<string, int> { ["running"] = 200, ["failed"] = 10 },
                [new VmTypeStats("cli", 190, 185, 0, 5), new VmTypeStats("browser", 20, 15, 0, 5)],
                new Dictionary<string, int> { ["default"] = 210 },
                230,
                1024
            ),
            new ExternalStats("203.0.113.1", null, 0, 0, 0),
            new OperationStats(1, 2, 3),
            new ReconcileStats(Time, 12.5, 0, 1, null),
            [
                new Alert(
                    "pool-threshold",
                    "warning",
                    "default",
                    "The pool default is 84 % full.",
                    "mctl pool expand default 192.168.0.0/16"
                ),
            ]
        );

    public static HostInfo Host { get; } =
        new(
            Time,
            "host-1",
            "6.1.0",
            86_400 * 12,
            new HostCpu(16, 23.5, 3.2, 2.9, 2.2),
            new HostMemory(64L << 30, 32L << 30, 0, 0),
            [new HostDisk("state", "/var/lib/master-controller", 500L << 30, 300L << 30)],
            [new HostFill("conntrack", 12_000, 262_144), new HostFill("neighbours", 210, 1024)],
            [new HostInterface("eth0", 1, 2, 3, 4, 1024, 2048)],
            new HostProcess(1, Time, 90 << 20, 300, "0.1.0")
        );

    public static Vm Vm(int number, string status = "running") =>
        new(
            $"vm-{number:x12}",
            $"web-{number}",
            "cli",
            Owner: null,
            new Dictionary<string, string>(),
            status,
            StatusReason: status == "failed" ? "the guest ended" : null,
            $"192.168.100.{number + 2}",
            "192.168.100.1",
            "02:fc:c0:a8:64:02",
            "mc000001",
            "default",
            "golden",
            1,
            256,
            "never",
            0,
            "firecracker",
            1234,
            Time,
            Time.AddSeconds(1),
            Time.AddSeconds(2.2)
        );

    public static PoolPlan Plan(string action = "expand", params IReadOnlyList<PlanNotice> conflicts) =>
        new(
            "plan-1",
            "default",
            action,
            "default grows from 192.168.100.0/24 to 192.168.0.0/16",
            1,
            Time,
            new PlanCapacity(253, 65_533, 65_532),
            [Range("192.168.100.0/24")],
            [Range("192.168.0.0/16")],
            [new PlanGateway("192.168.100.1", "keep", ["web-1"], 3)],
            [new PlanChange("address", "add", "192.168.0.1 on mc0", "ip address add 192.168.0.1/32 dev mc0")],
            conflicts,
            [
                new PlanNotice(
                    "conntrack",
                    "The table of connections is small.",
                    "sysctl net.netfilter.nf_conntrack_max=1"
                ),
            ],
            0,
            conflicts.Count > 0 ? [new Lease("192.168.7.7", "printer", "default", "192.168.0.0/16", null, Time)] : [],
            conflicts.Count > 0 ? 1 : 0,
            ["check again", "commit the pool"],
            conflicts.Count == 0
        );

    public static Operation Operation(string status, params IReadOnlyList<OperationStep> steps) =>
        new("op-1", "pool.expand", "default", status, steps, 0.5, null, null, Time, null);

    public static void ReplyWithStats(this FakeController controller)
    {
        controller.Reply("GET /api/v1/stats", Stats, ContractsJson.Default.Stats);
        controller.Reply("GET /api/v1/host", Host, ContractsJson.Default.HostInfo);
    }

    public static void ReplyAs(this FakeController controller, string role) =>
        controller.Reply(
            "GET /api/v1/whoami",
            new WhoAmI("key:test (k-000000000000)", role, null, null, null),
            ContractsJson.Default.WhoAmI
        );

    public static void Shows<T>(this IRenderedComponent<T> shown, string text)
        where T : IComponent => shown.WaitForAssertion(() => Xunit.Assert.Contains(text, shown.Markup), Patience);

    public static AngleSharp.Dom.IElement Button<T>(this IRenderedComponent<T> shown, string testId)
        where T : IComponent
    {
        shown.WaitForElement($"[data-testid='{testId}']", Patience);
        return shown.Find($"[data-testid='{testId}']");
    }

    /// <summary>Between finding it and pressing it nothing is rendered, which would make another element of it.</summary>
    public static Task PressAsync<T>(this IRenderedComponent<T> shown, string testId)
        where T : IComponent
    {
        shown.Button(testId);
        return shown.InvokeAsync(() => shown.Find($"[data-testid='{testId}']").ClickAsync());
    }

    /// <summary>Likewise a field: as if it were typed into, then left.</summary>
    public static Task EnterAsync<T>(this IRenderedComponent<T> shown, string testId, string value)
        where T : IComponent
    {
        var tells = shown.Button(testId).HasAttribute("blazor:oninput");
        return shown.InvokeAsync(() =>
        {
            var field = shown.Find($"[data-testid='{testId}']");
            if (tells)
                field.Input(value);
            else
                field.Change(value);
        });
    }
}
