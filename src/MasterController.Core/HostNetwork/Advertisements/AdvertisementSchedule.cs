using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Advertisements;

/// <summary>
/// When which guest is to be sent an advertisement next, as RFC 4861 has it: unasked (6.2.4), and when it asks (6.2.6). What
/// a guest asks costs no more than one advertisement each <see cref="LeastPause"/>. Not for several threads at once.
/// </summary>
/// <param name="random">Gives 0 to 1.</param>
internal sealed class AdvertisementSchedule(TimeProvider clock, Func<double> random)
{
    /// <summary>MaxRtrAdvInterval: between two that nobody asked for. MinRtrAdvInterval is a third of it (6.2.1).</summary>
    internal static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(200);

    private const double ShortestPart = 0.33;

    // RFC 4861, 10
    private const int InitialAdvertisements = 3; // MAX_INITIAL_RTR_ADVERTISEMENTS
    private static readonly TimeSpan LongestInitialPause = TimeSpan.FromSeconds(16); // MAX_INITIAL_RTR_ADVERT_INTERVAL
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(3); // MIN_DELAY_BETWEEN_RAS
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(500); // MAX_RA_DELAY_TIME

    private readonly long _began = clock.GetTimestamp();
    private readonly Dictionary<Ipv4Address, Guest> _guests = [];

    // What is in it with another time than the guest's own was replaced.
    private readonly PriorityQueue<(Guest Guest, TimeSpan At), TimeSpan> _queue = new();

    internal IReadOnlyCollection<Ipv4Address> Guests => _guests.Keys;

    /// <summary>
    /// Whether a guest is one of those that routers are advertised to. One whose address is another than it would make by
    /// itself would use a wrong one beside it.
    /// </summary>
    internal static bool Wants(Attachment attachment) =>
        attachment is { AdvertisesRouter: true, RoutedIpv6: { } ipv6 }
        && (ulong)ipv6.Value == Eui64.InterfaceId(attachment.Mac);

    /// <summary>The first is sent soon; one that is there already and has not changed stays as it is.</summary>
    internal void Put(Attachment attachment)
    {
        if (_guests.TryGetValue(attachment.Address, out var guest) && AreSame(guest.Attachment, attachment))
            return;
        _guests[attachment.Address] = guest = new Guest(attachment);
        Plan(guest, Now + (LongestDelay * random()));
    }

    /// <summary>What it was last told; null where it is told nothing.</summary>
    internal Attachment? Remove(Ipv4Address address) =>
        _guests.Remove(address, out var guest) ? guest.Attachment : null;

    /// <summary>A guest has asked: it is answered a little later, should it not be told by then anyway.</summary>
    internal void Solicit(Ipv4Address address)
    {
        if (!_guests.TryGetValue(address, out var guest))
            return;
        var at = Now + (LongestDelay * random());
        if (guest.Last is { } last && at < last + LeastPause)
            at = last + LeastPause;
        if (at < guest.Next)
            Plan(guest, at);
    }

    /// <summary>Those who are to be told now.</summary>
    internal IReadOnlyList<Attachment> Take()
    {
        var now = Now;
        List<Attachment> due = [];
        while (TryPeek(out var guest) && guest.Next <= now)
        {
            _queue.Dequeue();
            due.Add(guest.Attachment);
            guest.Last = now;
            guest.Told++;
            var pause = LongestPause * (ShortestPart + ((1 - ShortestPart) * random()));
            Plan(guest, now + (guest.Told < InitialAdvertisements ? Min(pause, LongestInitialPause) : pause));
        }
        return due;
    }

    /// <summary>Until somebody is to be told; null where nobody is.</summary>
    internal TimeSpan? NextIn => TryPeek(out var guest) ? Max(guest.Next - Now, TimeSpan.Zero) : null;

    private TimeSpan Now => clock.GetElapsedTime(_began);

    private void Plan(Guest guest, TimeSpan at)
    {
        guest.Next = at;
        _queue.Enqueue((guest, at), at);
    }

    private bool TryPeek(out Guest guest)
    {
        while (_queue.TryPeek(out var first, out _))
        {
            guest = first.Guest;
            if (first.At == guest.Next && ReferenceEquals(_guests.GetValueOrDefault(guest.Attachment.Address), guest))
                return true;
            _queue.Dequeue();
        }
        guest = null!;
        return false;
    }

    private static bool AreSame(Attachment one, Attachment other) =>
        one.RoutedIpv6 == other.RoutedIpv6 && one.AdvertisedResolvers.SequenceEqual(other.AdvertisedResolvers);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private sealed class Guest(Attachment attachment)
    {
        internal Attachment Attachment { get; } = attachment;

        internal TimeSpan Next { get; set; }

        internal TimeSpan? Last { get; set; }

        internal int Told { get; set; }
    }
}
