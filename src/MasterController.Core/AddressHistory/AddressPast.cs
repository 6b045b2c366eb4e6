using MasterController.Core.Addressing;

namespace MasterController.Core.AddressHistory;

/// <summary>What is remembered of an address.</summary>
/// <param name="KnownSince">Leases that ended before this are forgotten.</param>
/// <param name="Then">Who had it and what it was at the time that was asked for; null where none was.</param>
/// <param name="Entries">In time order: the newest of those that were asked for.</param>
/// <param name="Total">How many entries there are up to the time that was asked for.</param>
public sealed record AddressPast(
    DateTimeOffset KnownSince,
    AddressMoment? Then,
    IReadOnlyList<AddressEntry> Entries,
    int Total
);

/// <summary>One thing that happened to an address.</summary>
public abstract record AddressEntry
{
    private AddressEntry() { }

    public abstract DateTimeOffset Time { get; }

    /// <summary>Somebody had it, or has it.</summary>
    public sealed record Held(LeasePeriod Period) : AddressEntry
    {
        public override DateTimeOffset Time => Period.Since;
    }

    /// <summary>A change of its pool's definition made something else of it.</summary>
    /// <param name="State"><see cref="AddressState.Free"/> where it may be leased from then on.</param>
    public sealed record Became(AddressState State, string? Reason, PoolVersion Version) : AddressEntry
    {
        public override DateTimeOffset Time => Version.Time;
    }
}

/// <summary>What an address was at a time.</summary>
/// <param name="Owner">Who had it or, while it cooled down, had had it last.</param>
/// <param name="Since">When that began.</param>
/// <param name="Until">When the lease or the cool-down ended, or will; null for a lease that is held, and for the rest.</param>
public sealed record AddressMoment(
    DateTimeOffset Time,
    AddressState State,
    string? Reason,
    string? Pool,
    string? Owner,
    DateTimeOffset? Since,
    DateTimeOffset? Until,
    string? OperationId
);
