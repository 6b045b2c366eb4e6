namespace MasterController.Core.WebHooks;

/// <summary>When a failed delivery is tried again: 1 s, 2 s, 4 s … 1 h, for about a day.</summary>
internal static class WebHookRetry
{
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(24);
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly TimeSpan _first = TimeSpan.FromSeconds(1);

    /// <summary>Null to give up.</summary>
    /// <param name="failures">Attempts that have failed, from 1.</param>
    /// <param name="since">For how long it has been tried.</param>
    /// <param name="jitter">0 to 1: receivers that come back must not be asked by all at once.</param>
    /// <param name="retryAfter">What the receiver asks for, which only prolongs.</param>
    public static TimeSpan? Next(int failures, TimeSpan since, double jitter, TimeSpan? retryAfter)
    {
        var left = GiveUpAfter - since;
        if (left <= TimeSpan.Zero)
            return null;
        var delay = _first * Math.Pow(2, Math.Min(failures - 1, 20));
        delay = (delay < Longest ? delay : Longest) * (0.75 + (jitter / 2));
        if (retryAfter > delay)
            delay = retryAfter.Value;
        return delay < left ? delay : left;
    }
}
