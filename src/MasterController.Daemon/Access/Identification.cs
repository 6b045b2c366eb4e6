using MasterController.Core.Access;

namespace MasterController.Daemon.Access;

/// <summary>What was found out about who a request is from.</summary>
internal abstract record Identification
{
    private Identification() { }

    /// <param name="Key">Null for a local process.</param>
    public sealed record Known(Caller Caller, KnownKey? Key) : Identification;

    /// <param name="Reason">For the caller, who may be anybody.</param>
    public sealed record Unknown(string Reason) : Identification;

    /// <summary>A key was shown before the keys have been read.</summary>
    public sealed record TooEarly : Identification;
}
