namespace MasterController.Core.Events;

/// <param name="Keep">How long events are stored.</param>
public sealed record EventSettings(TimeSpan Keep);
