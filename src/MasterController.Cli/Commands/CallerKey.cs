using MasterController.Cli.Errors;

namespace MasterController.Cli.Commands;

/// <summary>The API key to call with. Never an argument: everybody on the host can read those.</summary>
internal static class CallerKey
{
    /// <param name="file">Where it is; null for none.</param>
    /// <param name="variable">The key itself; counts where there is no file.</param>
    /// <returns>Null to be known by the socket.</returns>
    public static string? Read(string? file, string? variable)
    {
        var key = file is null ? variable?.Trim() : ReadFile(file);
        if (string.IsNullOrEmpty(key))
        {
            return file is null ? null : throw CliException.Usage($"--key-file: '{file}' is empty");
        }

        var source = file is null ? GlobalOptions.KeyVariable : $"--key-file: '{file}'";
        return key.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? throw CliException.Usage($"{source} is no key: it has more than one word or line")
            : key;
    }

    private static string ReadFile(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"--key-file: {e.Message}");
        }
    }
}
