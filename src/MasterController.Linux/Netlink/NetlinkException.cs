namespace MasterController.Linux.Netlink;

/// <summary>The kernel's refusal of one request.</summary>
/// <param name="Code">The errno, positive.</param>
/// <param name="Message">The kernel's own words (NLMSGERR_ATTR_MSG), where it had any.</param>
public sealed record NetlinkError(int Code, string? Message)
{
    /// <summary>ENOENT: there is no such entry, or no such table.</summary>
    public const int NoSuchEntry = Libc.ENOENT;

    /// <summary>ENODEV: there is no such interface.</summary>
    public const int NoSuchDevice = Libc.ENODEV;

    /// <summary>EXFULL: the bridge has as many ports as it takes (br_add_if).</summary>
    public const int ExchangeFull = 54;

    /// <summary>What was to be changed is not there: ENOENT, ESRCH, ENODEV, EADDRNOTAVAIL.</summary>
    public bool IsMissing => Code is NoSuchEntry or 3 or Libc.ENODEV or 99;

    public override string ToString() => Message is null ? Errno.Describe(Code) : $"{Errno.Describe(Code)}: {Message}";
}

/// <summary>
/// Netlink refused or failed. With an <see cref="Error"/> one request was refused and the socket is as good as before;
/// without, the socket's stream is lost and it must be opened anew.
/// </summary>
public sealed class NetlinkException : Exception
{
    internal NetlinkException(string message)
        : base(message) { }

    internal NetlinkException(string request, NetlinkError error)
        : base($"{request}: {error}") => Error = error;

    public NetlinkError? Error { get; }
}
