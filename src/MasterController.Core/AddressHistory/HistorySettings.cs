namespace MasterController.Core.AddressHistory;

/// <param name="Keep">How long a lease that has ended is remembered.</param>
public sealed record HistorySettings(TimeSpan Keep)
{
    /// <summary>How long it is remembered who asked for which change.</summary>
    public TimeSpan KeepAudit { get; init; } = TimeSpan.FromDays(365);
}
