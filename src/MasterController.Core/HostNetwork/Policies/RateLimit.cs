namespace MasterController.Core.HostNetwork.Policies;

/// <summary>
/// How much a guest may send ("out") and be sent ("in") in a second; null is without limit. What goes beyond is dropped.
/// A burst is what may come on top after a pause: a bucket holds the rate of one second and the burst.
/// </summary>
public sealed record RateLimit(
    long? OutBytesPerSecond = null,
    long? OutBurstBytes = null,
    long? OutPacketsPerSecond = null,
    long? OutBurstPackets = null,
    long? InBytesPerSecond = null,
    long? InBurstBytes = null,
    long? InPacketsPerSecond = null,
    long? InBurstPackets = null
)
{
    public const long LeastBytes = 1_000,
        MostBytes = 1_000_000_000_000;

    public const long MostPackets = 1_000_000_000;

    /// <summary>
    /// The longest frame that a TAP hands over in one piece (segmentation offload): with less in the bucket it would never
    /// pass.
    /// </summary>
    public const long LeastBurstBytes = 65_536;

    /// <summary>Bursts are numbers of 32 bits (linux/netfilter/nf_tables.h, NFTA_LIMIT_BURST).</summary>
    public const long MostBurstBytes = uint.MaxValue;

    /// <summary>Nothing is limited: also a policy of one's own.</summary>
    public bool IsNone => (OutBytesPerSecond ?? OutPacketsPerSecond ?? InBytesPerSecond ?? InPacketsPerSecond) is null;

    /// <summary>Whether all is possible; <paramref name="refuse"/> is told each bad field and what is wrong with it.</summary>
    public bool Check(Action<string, string> refuse)
    {
        var isRight = true;
        void Require(string field, long? value, long least, long most)
        {
            if (value is not { } number || (number >= least && number <= most))
                return;
            isRight = false;
            refuse(field, $"{number} is not {least} to {most}");
        }
        void Belongs(string burst, long? value, string rate, long? perSecond)
        {
            if (value is null || perSecond is not null)
                return;
            isRight = false;
            refuse(burst, $"{value} goes with {rate}, which is not given");
        }

        Require("outBytesPerSecond", OutBytesPerSecond, LeastBytes, MostBytes);
        Require("outBurstBytes", OutBurstBytes, LeastBurstBytes, MostBurstBytes);
        Require("outPacketsPerSecond", OutPacketsPerSecond, 1, MostPackets);
        Require("outBurstPackets", OutBurstPackets, 0, MostPackets);
        Require("inBytesPerSecond", InBytesPerSecond, LeastBytes, MostBytes);
        Require("inBurstBytes", InBurstBytes, LeastBurstBytes, MostBurstBytes);
        Require("inPacketsPerSecond", InPacketsPerSecond, 1, MostPackets);
        Require("inBurstPackets", InBurstPackets, 0, MostPackets);
        Belongs("outBurstBytes", OutBurstBytes, "outBytesPerSecond", OutBytesPerSecond);
        Belongs("outBurstPackets", OutBurstPackets, "outPacketsPerSecond", OutPacketsPerSecond);
        Belongs("inBurstBytes", InBurstBytes, "inBytesPerSecond", InBytesPerSecond);
        Belongs("inBurstPackets", InBurstPackets, "inPacketsPerSecond", InPacketsPerSecond);
        return isRight;
    }
}
