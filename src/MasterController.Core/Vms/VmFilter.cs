namespace MasterController.Core.Vms;

/// <summary>Filters that a listing must all meet; null or empty means any.</summary>
/// <param name="Labels">Each must be there with that value.</param>
public sealed record VmFilter(
    VmStatus? Status = null,
    string? Type = null,
    string? Owner = null,
    string? Pool = null,
    string? Name = null,
    IReadOnlyDictionary<string, string>? Labels = null
)
{
    public bool Matches(VmRecord vm) =>
        (Status is null || vm.Status == Status)
        && (Type is null || vm.Type == Type)
        && (Owner is null || vm.Owner == Owner)
        && (Pool is null || vm.Pool == Pool)
        && (Name is null || vm.Name == Name)
        && (Labels is null || Labels.All(l => vm.Labels.TryGetValue(l.Key, out var value) && value == l.Value));
}

/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record VmPage(IReadOnlyList<VmRecord> Items, int Total, string? Next);
