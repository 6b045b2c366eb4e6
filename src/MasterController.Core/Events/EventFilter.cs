namespace MasterController.Core.Events;

/// <summary>Which stored events are asked for; null is all.</summary>
/// <param name="Type">As in <see cref="ControllerEvent.IsOf"/>.</param>
/// <param name="From">Inclusive, as <paramref name="To"/> is.</param>
public sealed record EventFilter(
    string? Type = null,
    string? Subject = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null
);
