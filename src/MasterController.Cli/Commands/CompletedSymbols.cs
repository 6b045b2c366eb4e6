using System.CommandLine;

namespace MasterController.Cli.Commands;

/// <summary>Names that only the daemon knows; the value is what the shell asks <c>mctl __complete</c> for.</summary>
internal static class NameSource
{
    public const string Vms = "vms";
    public const string Pools = "pools";
    public const string Images = "images";
    public const string Operations = "operations";
    public const string Leases = "leases";
    public const string Forwards = "forwards";
    public const string Keys = "keys";
    public const string WebHooks = "webhooks";
    public const string Owners = "owners";

    /// <summary>These three are of the pool that the first argument names.</summary>
    public const string Ranges = "ranges";
    public const string Reservations = "reservations";
    public const string Versions = "versions";

    public static IReadOnlyList<string> All { get; } =
    [Vms, Pools, Images, Operations, Leases, Forwards, Keys, WebHooks, Owners, Ranges, Reservations, Versions];
}

/// <summary>A symbol whose values the shell can complete from the daemon.</summary>
internal interface INamesThings
{
    string Source { get; }
}

internal sealed class NameOption(string name, string source) : Option<string?>(name), INamesThings
{
    public string Source => source;
}

internal sealed class NameArgument(string name, string source) : Argument<string>(name), INamesThings
{
    public string Source => source;
}

internal sealed class NamesArgument(string name, string source) : Argument<string[]>(name), INamesThings
{
    public string Source => source;
}
