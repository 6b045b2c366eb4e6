using MasterController.Contracts;

namespace MasterController.Dashboard.Live;

/// <summary>The last of what the controller has told of itself.</summary>
/// <param name="At">When it was told; null before the first answer.</param>
/// <param name="Lost">Why the controller cannot be heard now; null where it is.</param>
/// <param name="Refused">Why there are no stats although it is heard: the key may not read them.</param>
public sealed record LiveSnapshot(
    WhoAmI? Me,
    Stats? Stats,
    HostInfo? Host,
    DateTimeOffset? At,
    string? Lost,
    string? Refused
)
{
    public static LiveSnapshot Empty { get; } = new(null, null, null, null, null, null);
}
