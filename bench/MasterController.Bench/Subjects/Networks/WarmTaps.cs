using System.Diagnostics;
using MasterController.Linux.Netlink;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Bench.Subjects.Networks;

/// <summary>
/// TAPs made ahead, with everything set that does not depend on an address, open and down: as warm as they can be. What is
/// left for an attach is the name (or not, where a table says which TAP is whose), the owner, up, route and neighbour, and
/// to let go of it so that a hypervisor can open it.
/// </summary>
internal sealed class WarmTaps : IDisposable
{
    private readonly BareCalls _calls = new();
    private readonly Queue<(SafeFileHandle Tap, int Index)> _stock = new();

    public WarmTaps()
    {
        _calls.Ask(request => request.LinkUp(1));
        _calls.Ask(request => request.AddressAdd(1, Places.Gateway, "lo:fc"));
    }

    public void Fill(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var name = $"warm{i}";
            var tap = BareCalls.CreateTap(name);
            var index = _calls.IndexOf(name);
            _calls.Configure(name, index);
            _stock.Enqueue((tap, index));
        }
    }

    public TimeSpan AttachNew(int number)
    {
        var place = Places.At(Places.Address(number));
        var began = Stopwatch.GetTimestamp();
        using (var tap = BareCalls.CreateTap(place.TapName))
        {
            BareCalls.SetOwner(tap, place.OwnerUid);
            BareCalls.Persist(tap);
        }
        var index = _calls.IndexOf(place.TapName);
        _calls.Configure(place.TapName, index);
        _calls.Lead(place, index);
        return Stopwatch.GetElapsedTime(began);
    }

    /// <param name="renamed">Whether it gets the name that its address makes.</param>
    public TimeSpan AttachWarm(int number, bool renamed)
    {
        var place = Places.At(Places.Address(number));
        var began = Stopwatch.GetTimestamp();
        var (tap, index) = _stock.Dequeue();
        if (renamed)
            Rename(index, place.TapName);
        BareCalls.SetOwner(tap, place.OwnerUid);
        _calls.Lead(place, index);
        BareCalls.Persist(tap);
        tap.Dispose();
        return Stopwatch.GetElapsedTime(began);
    }

    public void Dispose()
    {
        foreach (var (tap, _) in _stock)
            tap.Dispose();
        _calls.Dispose();
    }

    /// <summary><c>ip link set dev INDEX name NAME</c></summary>
    private void Rename(int index, string name)
    {
        var writer = new NetlinkWriter(stackalloc byte[64]);
        writer.BeginMessage(Rt.RTM_SETLINK, Nl.Request | Nl.Acknowledge, _calls.Netlink.NextSequence());
        NetlinkBatch.LinkBody(ref writer, index, 0, 0);
        writer.Attribute(Rt.IFLA_IFNAME, name);
        writer.EndMessage();
        _calls.Ask(writer.Written);
    }
}
