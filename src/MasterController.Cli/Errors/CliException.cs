namespace MasterController.Cli.Errors;

/// <summary>A command's own refusal or failure, said to the user as it stands.</summary>
internal sealed class CliException(int exitCode, string message, string? hint = null) : Exception(message)
{
    public int ExitCode => exitCode;

    public string? Hint => hint;

    public static CliException Usage(string message, string? hint = null) => new(Cli.ExitCode.Usage, message, hint);
}
