using System.Globalization;

namespace MasterController.Linux.Files;

/// <summary>
/// The accounts in /etc/passwd and /etc/group (passwd(5), group(5)). Those of a directory service are not there: they have
/// numbers and no names here.
/// </summary>
public static class AccountFiles
{
    /// <summary>Null where no group has that name.</summary>
    public static uint? GroupOf(string name, string file = "/etc/group") =>
        Lines(file)
            .Where(fields => fields.Length >= 3 && fields[0] == name)
            .Select(fields => Number(fields[2]))
            .FirstOrDefault(id => id is not null);

    /// <summary>Null where no user has that number, or the file cannot be read.</summary>
    public static string? UserOf(uint uid, string file = "/etc/passwd")
    {
        try
        {
            return Lines(file)
                .Where(fields => fields.Length >= 3 && Number(fields[2]) == uid)
                .Select(fields => fields[0])
                .FirstOrDefault();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<string[]> Lines(string file) => File.ReadLines(file).Select(line => line.Split(':'));

    private static uint? Number(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
