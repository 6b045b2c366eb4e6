namespace MasterController.Core.Events;

/// <summary>Events in the order of their ids.</summary>
/// <param name="UpTo">There are no others up to this id, in the order asked for; where to go on.</param>
public sealed record EventPage(IReadOnlyList<ControllerEvent> Items, long UpTo);

/// <summary>What of the stored events is to be forgotten.</summary>
/// <param name="Oldest">The least id there is; 0 where there is none.</param>
/// <param name="FirstKept">The least id that stays.</param>
public readonly record struct EventBounds(long Oldest, long FirstKept);
