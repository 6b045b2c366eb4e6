using System.Globalization;

namespace MasterController.Linux.Taps;

/// <summary>A process that has a TAP open.</summary>
/// <param name="Command">The program's name, of 15 characters at most (proc(5), comm).</param>
public readonly record struct TapUser(int Pid, string Command)
{
    private const string Device = "/dev/net/tun";
    private const string NameField = "iff:"; // tun_chr_show_fdinfo (drivers/net/tun.c)

    /// <summary>
    /// Who has which TAP open, by its name; of several, one. Looks at the descriptors of every process, those alone that
    /// may be read. TAPs of one name in two network namespaces are not told apart.
    /// </summary>
    public static IReadOnlyDictionary<string, TapUser> FindAll()
    {
        var users = new Dictionary<string, TapUser>(StringComparer.Ordinal);
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), CultureInfo.InvariantCulture, out var pid))
                Find(pid, users);
        return users;
    }

    // A process may end, or close a descriptor, while it is being looked at.
    private static void Find(int pid, Dictionary<string, TapUser> users)
    {
        try
        {
            foreach (var descriptor in Directory.EnumerateFiles($"/proc/{pid}/fd"))
                if (
                    new FileInfo(descriptor).LinkTarget == Device
                    && NameOf($"/proc/{pid}/fdinfo/{Path.GetFileName(descriptor)}") is { } name
                )
                    users[name] = new TapUser(pid, File.ReadAllText($"/proc/{pid}/comm").Trim());
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException) { }
    }

    private static string? NameOf(string descriptorInformation)
    {
        foreach (var line in File.ReadLines(descriptorInformation))
            if (line.StartsWith(NameField, StringComparison.Ordinal))
                return line[NameField.Length..].Trim();
        return null;
    }
}
