namespace MasterController.Linux.Netlink;

/// <summary>The kernel's refusal of one request.</summary>
/// <param name="Code">The errno, positive.</param>
/// <param name="Message">The kernel's own words (NLMSGERR_ATTR_MSG), where it had any.</param>
public sealed record NetlinkError(int Code, string? Message)
{
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
