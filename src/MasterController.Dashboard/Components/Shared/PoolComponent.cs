using MasterController.Contracts;
using MasterController.Dashboard.Text;
using Microsoft.AspNetCore.Components;

namespace MasterController.Dashboard.Components.Shared;

/// <summary>A page about one pool, which the address bar names; "default", or else the first, where it names none.</summary>
public abstract class PoolComponent : CallingComponent
{
    private const string Usual = "default";

    [Inject]
    protected NavigationManager Navigation { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "pool")]
    public string? PoolName { get; set; }

    /// <summary>Null before they are read.</summary>
    protected IReadOnlyList<Pool>? Pools { get; private set; }

    /// <summary>Null where there is no pool at all.</summary>
    protected string? Current =>
        PoolName ?? Pools?.FirstOrDefault(p => p.Name == Usual)?.Name ?? Pools?.FirstOrDefault()?.Name;

    protected Pool? CurrentPool => Pools?.FirstOrDefault(p => p.Name == Current);

    /// <summary>Reads the pools, and then what is shown of one.</summary>
    protected async Task BeginAsync()
    {
        if (await ReadPoolsAsync())
            await OnParametersSetAsync();
    }

    protected override void OnFoundAgain()
    {
        if (Pools is null)
            _ = InvokeAsync(BeginAsync);
        else
            ReadAgain();
    }

    /// <summary>What is shown is to be read anew soon.</summary>
    protected abstract void ReadAgain();

    protected Task<bool> ReadPoolsAsync() =>
        TryAsync(async () => Pools = (await Api.GetAsync("pools", ContractsJson.Default.PoolList, Ends)).Items);

    /// <summary>Changes the address bar; null takes a parameter out of it.</summary>
    protected void Go(params (string Name, object? Value)[] query) =>
        Navigation.NavigateTo(
            Navigation.GetUriWithQueryParameters(query.ToDictionary(q => q.Name, q => q.Value)),
            replace: true
        );

    protected string Path(string tail, params (string Name, string? Value)[] query) =>
        Query.Of($"pools/{Uri.EscapeDataString(Current ?? "")}/{tail}", query);
}
