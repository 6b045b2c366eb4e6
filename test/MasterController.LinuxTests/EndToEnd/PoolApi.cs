using System.Net;
using System.Text.RegularExpressions;
using MasterController.Contracts;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>What tests of changing pools ask of the API, of the host and of guests.</summary>
internal static partial class PoolApi
{
    public static Task<PoolPlan> PlanAsync(this ApiClient api, CreatePlanRequest request) =>
        api.SendAsync(
            HttpMethod.Post,
            "pools/default/plans",
            HttpStatusCode.Created,
            ContractsJson.Default.PoolPlan,
            ApiClient.Body(request, ContractsJson.Default.CreatePlanRequest)
        );

    /// <summary>Begins what was planned.</summary>
    public static Task<Operation> ApplyAsync(this ApiClient api, PoolPlan plan, int? confirmWithinSeconds = null) =>
        api.SendAsync(
            HttpMethod.Post,
            $"pools/default/plans/{plan.Id}/apply",
            HttpStatusCode.Accepted,
            ContractsJson.Default.Operation,
            ApiClient.Body(new ApplyPlanRequest(confirmWithinSeconds), ContractsJson.Default.ApplyPlanRequest)
        );

    public static Task<Problem> RefusedApplyAsync(this ApiClient api, PoolPlan plan) =>
        api.SendAsync(
            HttpMethod.Post,
            $"pools/default/plans/{plan.Id}/apply",
            HttpStatusCode.Conflict,
            ContractsJson.Default.Problem
        );

    public static Task AwaitsConfirmationAsync(this ApiClient api, Operation begun) =>
        Eventually.TrueAsync(
            async () => (await api.PoolAsync()).AwaitsConfirmation == begun.Id,
            $"{begun.Id} waits to be confirmed"
        );

    public static Task<Operation> ConfirmAsync(this ApiClient api) =>
        api.SendAsync(HttpMethod.Post, "pools/default/confirm", HttpStatusCode.OK, ContractsJson.Default.Operation);

    public static Task<Problem> ConfirmTooLateAsync(this ApiClient api) =>
        api.SendAsync(HttpMethod.Post, "pools/default/confirm", HttpStatusCode.Conflict, ContractsJson.Default.Problem);

    /// <summary>Plans a change, applies it and waits for its good end.</summary>
    public static async Task<Operation> ChangeAsync(this ApiClient api, CreatePlanRequest request)
    {
        var plan = await api.PlanAsync(request);
        Assert.Equal(0, plan.VmsTouched);
        var ended = await api.EndAsync(await api.ApplyAsync(plan));
        Assert.True(ended.Status == "succeeded", $"{plan.Summary}: {ended.Status}, {ended.Error}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{plan.Summary}: {ended.Result}");
        return ended;
    }

    public static Task<Operation> OperationAsync(this ApiClient api, string id) =>
        api.GetAsync($"operations/{id}", ContractsJson.Default.Operation);

    public static async Task<Operation> EndAsync(this ApiClient api, Operation operation)
    {
        await Eventually.TrueAsync(
            async () => (operation = await api.OperationAsync(operation.Id)).Status != "running",
            $"{operation.Id} ({operation.Kind}) ends"
        );
        return operation;
    }

    /// <summary>The changes of the pool that there were, newest first.</summary>
    public static async Task<IReadOnlyList<Operation>> PoolOperationsAsync(this ApiClient api) =>
        [
            .. (await api.GetAsync("operations", ContractsJson.Default.OperationList))
                .Items.Where(o => o.Subject == "default")
                .OrderByDescending(o => o.StartedAt),
        ];

    public static async Task<IReadOnlyList<PoolVersion>> PoolHistoryAsync(this ApiClient api) =>
        (await api.GetAsync("pools/default/history", ContractsJson.Default.PoolVersionList)).Items;

    public static Task<Lease> LeaseAsync(this ApiClient api, string owner, string? address = null) =>
        api.SendAsync(
            HttpMethod.Post,
            "pools/default/leases",
            HttpStatusCode.Created,
            ContractsJson.Default.Lease,
            ApiClient.Body(new CreateLeaseRequest(owner, address), ContractsJson.Default.CreateLeaseRequest)
        );

    public static Task ReleaseAsync(this ApiClient api, Lease lease) =>
        api.DeletePathAsync($"pools/{lease.Pool}/leases/{lease.Address}?owner={lease.Owner}");

    /// <summary>A lease that is refused, and why.</summary>
    public static Task<Problem> RefusedLeaseAsync(this ApiClient api, string address) =>
        api.SendAsync(
            HttpMethod.Post,
            "pools/default/leases",
            HttpStatusCode.Conflict,
            ContractsJson.Default.Problem,
            ApiClient.Body(new CreateLeaseRequest("printer", address), ContractsJson.Default.CreateLeaseRequest)
        );

    /// <summary>Boots so many VMs at once and waits until all are ready; in the order of their addresses.</summary>
    public static async Task<IReadOnlyList<Vm>> RunVmsAsync(this TestHost host, int count)
    {
        var created = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => host.Api.CreateAsync()));
        await Task.WhenAll(created.Select(vm => host.Api.WaitReadyAsync(vm.Id)));
        return [.. created.OrderBy(vm => IPAddress.Parse(vm.Address).GetAddressBytes()[3])];
    }

    /// <summary>They are the very machines that they were: none was restarted or changed.</summary>
    public static async Task AssertUntouchedAsync(this TestHost host, IReadOnlyList<Vm> vms)
    {
        foreach (var vm in vms)
            Assert.Equal(Told(vm), Told(await host.Api.VmAsync(vm.Id)));
        Assert.Equal(vms.Select(v => v.Pid!.Value).Order(), host.VmProcesses().Order());
    }

    /// <summary>Lets a guest try something, by the scripts in demo/guest; what it says.</summary>
    public static string AskGuest(this TestHost host, Vm vm, string what) =>
        host.Run("curl", "-sS", "--max-time", "30", "--retry", "3", $"http://{vm.Address}/cgi-bin/{what}").Trim();

    /// <summary>The parameter by which a VM's guest was told its address.</summary>
    public static string KernelIp(Vm vm) =>
        IpParameter().Match(File.ReadAllText($"/proc/{vm.Pid}/cmdline")).Groups[1].Value;

    /// <summary>The networks in one of our nftables sets.</summary>
    public static IReadOnlyList<string> FirewallSet(this TestHost host, string set)
    {
        var text = host.Run("nft", "list", "set", "inet", "master_controller", set);
        return
        [
            .. SetElements()
                .Match(text)
                .Groups[1]
                .Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The gateways that the host answers on.</summary>
    public static IReadOnlyList<string> GatewayAddresses(this TestHost host) =>
        [
            .. InetAddress()
                .Matches(host.Run("ip", "-o", "-4", "address", "show", "dev", "lo"))
                .Select(m => m.Groups[1].Value)
                .Where(a => a != "127.0.0.1")
                .Order(StringComparer.Ordinal),
        ];

    private static (string, int?, int, string, string?, DateTimeOffset?) Told(Vm vm) =>
        (vm.Status, vm.Pid, vm.Restarts, vm.Address, vm.Gateway, vm.StartedAt);

    [GeneratedRegex(@"\bip=([^ \0]+)")]
    private static partial Regex IpParameter();

    [GeneratedRegex(@"elements = \{([^}]*)\}")]
    private static partial Regex SetElements();

    [GeneratedRegex(@"inet ([0-9.]+)")]
    private static partial Regex InetAddress();
}
