using MasterController.Core.Addressing;

namespace MasterController.Core.Utilisation;

/// <summary>How full a pool was at a time.</summary>
public sealed record UtilisationSample(string Pool, DateTimeOffset Time, PoolCounts Counts);

/// <summary>How far samples are apart, and with it how long they are kept.</summary>
public enum SampleInterval
{
    /// <summary>Kept for a day.</summary>
    Minute,

    /// <summary>Kept for a year.</summary>
    Hour,
}
