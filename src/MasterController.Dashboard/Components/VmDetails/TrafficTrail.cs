using MasterController.Contracts;

namespace MasterController.Dashboard.Components.VmDetails;

/// <summary>A VM's traffic as rates, from counters that only grow until the VM starts anew.</summary>
internal sealed class TrafficTrail
{
    /// <summary>Ten minutes, at a reading each five seconds.</summary>
    private const int Most = 120;

    private readonly Queue<(double In, double Out)> _rates = [];
    private (DateTimeOffset At, long In, long Out)? _last;

    /// <summary>Bytes a second, oldest first.</summary>
    public IReadOnlyList<double> In => [.. _rates.Select(r => r.In)];

    public IReadOnlyList<double> Out => [.. _rates.Select(r => r.Out)];

    /// <summary>Null before the second reading.</summary>
    public (double In, double Out)? Now => _rates.Count > 0 ? _rates.Last() : null;

    public void Add(DateTimeOffset at, VmTraffic traffic)
    {
        if (traffic is not { In: { } into, Out: { } outOf })
        {
            _last = null;
            return;
        }
        // Counters that fell are those of another TAP.
        if (_last is { } last && at > last.At && into.Bytes >= last.In && outOf.Bytes >= last.Out)
        {
            var seconds = (at - last.At).TotalSeconds;
            if (_rates.Count == Most)
                _rates.Dequeue();
            _rates.Enqueue(((into.Bytes - last.In) / seconds, (outOf.Bytes - last.Out) / seconds));
        }
        _last = (at, into.Bytes, outOf.Bytes);
    }
}
