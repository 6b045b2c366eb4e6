namespace MasterController.Core.AddressHistory;

/// <param name="Keep">How long a lease that has ended is remembered.</param>
public sealed record HistorySettings(TimeSpan Keep);
