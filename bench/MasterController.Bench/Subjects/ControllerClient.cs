using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using MasterController.Contracts;

namespace MasterController.Bench.Subjects;

/// <summary>What the measurements ask of a controller.</summary>
internal sealed class ControllerClient(HttpClient http)
{
    private static readonly ContractsJson Contract = ContractsJson.Default;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async Task BuildImageAsync()
    {
        using var answer = await http.PostAsJsonAsync(
            "/api/v1/images",
            new BuildImageRequest(),
            Contract.BuildImageRequest
        );
        var operation = await ReadAsync(answer, Contract.Operation);
        operation = await UntilAsync(
            () => GetAsync($"/api/v1/operations/{operation.Id}", Contract.Operation),
            o => o.Status != "running",
            TimeSpan.FromMilliseconds(200)
        );
        if (operation.Status != "succeeded")
            throw new InvalidOperationException($"no image: {operation.Error}");
    }

    /// <summary>A pool with the default cool-down.</summary>
    public async Task CreatePoolAsync(string name, string cidr)
    {
        using var answer = await http.PostAsJsonAsync(
            "/api/v1/pools",
            new CreatePoolRequest(name, [new PoolRangeRequest(cidr)]),
            Contract.CreatePoolRequest
        );
        await ReadAsync(answer, Contract.Pool);
    }

    public async Task<Vm> CreateAsync(string name)
    {
        using var answer = await http.PostAsJsonAsync(
            "/api/v1/vms",
            new CreateVmRequest(name, Type: "cli"),
            Contract.CreateVmRequest
        );
        return await ReadAsync(answer, Contract.Vm);
    }

    public Task<Vm> WaitRunningAsync(string id) => UntilVmAsync(id, vm => vm.Status == "running", Controller.Poll);

    public Task<Vm> WaitReadyAsync(string id) =>
        UntilVmAsync(id, vm => vm.ReadyAt is not null, TimeSpan.FromMilliseconds(50));

    public async Task<Operation> CreationOfAsync(string id)
    {
        var list = await GetAsync("/api/v1/operations", Contract.OperationList);
        return list.Items.Single(o => o.Kind == "vm.create" && o.Subject == id);
    }

    public async Task<double> CountVmsAsync() => (await GetAsync("/api/v1/vms", Contract.VmList)).Total;

    public async Task DeleteAllAsync()
    {
        foreach (var vm in (await GetAsync("/api/v1/vms", Contract.VmList)).Items)
        {
            using var answer = await http.DeleteAsync($"/api/v1/vms/{vm.Id}");
            answer.EnsureSuccessStatusCode();
        }
        await UntilAsync(CountVmsAsync, left => left == 0, TimeSpan.FromMilliseconds(50));
    }

    private Task<Vm> UntilVmAsync(string id, Predicate<Vm> condition, TimeSpan poll) =>
        UntilAsync(
            () => GetAsync($"/api/v1/vms/{id}", Contract.Vm),
            vm =>
                vm.Status == "failed" ? throw new InvalidOperationException($"{id}: {vm.StatusReason}") : condition(vm),
            poll
        );

    private static async Task<T> UntilAsync<T>(Func<Task<T>> get, Predicate<T> condition, TimeSpan poll)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            var value = await get();
            if (condition(value))
                return value;
            await Task.Delay(poll, deadline.Token);
        }
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type)
    {
        using var answer = await http.GetAsync(path);
        return await ReadAsync(answer, type);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type) =>
        answer.IsSuccessStatusCode
            ? (await answer.Content.ReadFromJsonAsync(type))!
            : throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
}
