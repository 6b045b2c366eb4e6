namespace MasterController.Core.Events;

/// <summary>Something that happened, for people and programs that watch.</summary>
/// <param name="Id">Grows with every event, over restarts too, and is never given twice.</param>
/// <param name="Type">Stable, dotted: "vm.running", "lease.released", "pool.created", "operation.step".</param>
/// <param name="Subject">The VM id, pool, address or operation it is about.</param>
public sealed record ControllerEvent(
    long Id,
    DateTimeOffset Time,
    string Type,
    string Subject,
    string Message,
    IReadOnlyDictionary<string, string>? Data = null
)
{
    /// <summary>Whether its type is this one, or begins with this one and a dot; null is all.</summary>
    public bool IsOf(string? wanted) =>
        wanted is null
        || Type == wanted
        || (Type.StartsWith(wanted, StringComparison.Ordinal) && Type[wanted.Length] == '.');
}
