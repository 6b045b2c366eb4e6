using MasterController.Linux.Processes;

namespace MasterController.Core.HostNetwork.Survey;

/// <summary>
/// Raises limits for as long as the host runs. In a network namespace of its own the kernel shows as writable what is
/// that namespace's own, and keeps to the first one what all share; so whatever can be written may be.
/// </summary>
/// <param name="sysctls">Where the settings are, as seen by the calling thread.</param>
internal sealed class LimitTuning(string sysctls = "/proc/sys")
{
    private const string OwnPrefix = "net.";

    /// <param name="limits">Those that are too low.</param>
    internal IReadOnlyList<LimitRaise> Raise(IReadOnlyList<HostLimit> limits) =>
        [.. limits.Where(limit => limit.Needed > limit.Value).Select(Raise).OfType<LimitRaise>()];

    // Null for what is not this controller's to set.
    private LimitRaise? Raise(HostLimit limit)
    {
        if (limit.Name == KernelLimits.OpenFiles)
            return new LimitRaise(limit.Name, limit.Value, limit.Needed, OpenFileLimit.Raise(limit.Needed));
        if (!limit.Name.StartsWith(OwnPrefix, StringComparison.Ordinal))
            return null;
        var path = Path.Combine(sysctls, limit.Name.Replace('.', '/'));
        try
        {
            // Root is not asked for rights by the file system, but the kernel refuses all the same: with a message less.
            if ((File.GetUnixFileMode(path) & UnixFileMode.UserWrite) == 0)
                return new LimitRaise(
                    limit.Name,
                    limit.Value,
                    limit.Needed,
                    "it belongs to the first network namespace, and is set there"
                );
            File.WriteAllText(path, limit.Needed.ToString(System.Globalization.CultureInfo.InvariantCulture));
            return new LimitRaise(limit.Name, limit.Value, limit.Needed, Failure: null);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return new LimitRaise(limit.Name, limit.Value, limit.Needed, refused.Message);
        }
    }
}
