namespace MasterController.Core.Addressing;

/// <summary>Who has an address or, while it cools down, had it last.</summary>
/// <param name="Since">When the lease began or, while it cools down, ended.</param>
/// <param name="CoolsUntil">When others may have it again; null while it is leased.</param>
public sealed record AddressUse(string Owner, DateTimeOffset Since, DateTimeOffset? CoolsUntil);
