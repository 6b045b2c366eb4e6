using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>Collects one page of a pool's /24s from what is in use in them, told in address order.</summary>
internal sealed class SubnetListing
{
    private readonly RangeMap _ranges;
    private readonly Ipv4Network _within;
    private readonly int _limit;

    /// <summary>Those of this page and the one after; empty where only touched ones are listed.</summary>
    private readonly IReadOnlyList<Ipv4Network> _all = [];
    private readonly bool _untouched;
    private readonly List<SubnetTally> _tallies = [];
    private Ipv4Network? _last;
    private int _touched;

    public SubnetListing(RangeMap ranges, Ipv4Network within, Ipv4Address from, int limit, bool untouched)
    {
        _ranges = ranges;
        _within = within;
        _limit = limit;
        _untouched = untouched;
        if (untouched)
            _all = [.. All(from.Value).Take(limit + 1)];
    }

    /// <summary>False when the page is full.</summary>
    public bool Add(SubnetTally tally)
    {
        var subnet = Subnets.Of(tally.First);
        if (_untouched && (_all.Count == 0 || subnet.Address > _all[^1].Address))
            return false;
        if (_last != subnet)
            _touched++;
        _last = subnet;
        _tallies.Add(tally);
        return _untouched || _touched <= _limit;
    }

    public SubnetPage Page()
    {
        var bySubnet = _tallies.ToLookup(t => Subnets.Of(t.First));
        IReadOnlyList<Ipv4Network> listed = _untouched ? _all : [.. bySubnet.Select(s => s.Key)];
        return new SubnetPage(
            [.. listed.Take(_limit).Select(s => UseReport.UseOf(_ranges, s, _within, [.. bySubnet[s]]))],
            Subnets.Count(UseReport.Parts(_ranges, _within, _within)),
            listed.Count > _limit ? listed[_limit].Address : null
        );
    }

    private IEnumerable<Ipv4Network> All(uint from)
    {
        ulong next = from;
        foreach (var (first, last) in UseReport.Parts(_ranges, _within, _within))
        {
            for (var address = Math.Max(next, first.Value); address <= last.Value; address = next)
            {
                var subnet = Subnets.Of((uint)address);
                yield return subnet;
                next = subnet.Last.Value + 1UL;
            }
        }
    }
}
