using MasterController.Contracts;

namespace MasterController.Cli.Api;

internal sealed partial class ApiClient
{
    /// <summary>Works a change out; nothing is changed.</summary>
    public Task<PoolPlan> CreatePlanAsync(string pool, CreatePlanRequest request, CancellationToken cancel) =>
        SendAsync(
            Call("POST", $"{PoolPath(pool)}/plans", [], Json(request, CliJson.Line.CreatePlanRequest)),
            CliJson.Wire.PoolPlan,
            cancel
        );

    /// <param name="confirmWithin">Whole seconds; null where the change need not be confirmed.</param>
    public Task<Operation> ApplyPlanAsync(string pool, string plan, TimeSpan? confirmWithin, CancellationToken cancel)
    {
        ReadOnlyMemory<byte>? body = confirmWithin is not { } time
            ? (ReadOnlyMemory<byte>?)null
            : Json(new ApplyPlanRequest((int)time.TotalSeconds), CliJson.Line.ApplyPlanRequest);
        var target = $"{PoolPath(pool)}/plans/{Escape(plan)}/apply";
        return SendAsync(Call("POST", target, [], body), CliJson.Wire.Operation, cancel);
    }

    /// <summary>The change that awaits confirmation stays.</summary>
    public Task<Operation> ConfirmPoolAsync(string pool, CancellationToken cancel) =>
        SendAsync(Call("POST", $"{PoolPath(pool)}/confirm", []), CliJson.Wire.Operation, cancel);

    public Task<PoolVersionList> GetPoolHistoryAsync(string pool, CancellationToken cancel) =>
        GetAsync($"{PoolPath(pool)}/history", CliJson.Wire.PoolVersionList, cancel);
}
