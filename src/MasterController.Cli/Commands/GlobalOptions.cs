using System.CommandLine;
using System.CommandLine.Help;

namespace MasterController.Cli.Commands;

/// <summary>The options that every command takes.</summary>
internal sealed class GlobalOptions
{
    public const string SocketVariable = "MASTER_CONTROLLER_SOCKET";

    public const string KeyVariable = "MASTER_CONTROLLER_KEY";

    public const string DefaultSocket = "/run/master-controller/master-controller.sock";

    public Option<string?> Output { get; } = OutputOption();

    public Option<bool> Quiet { get; } =
        new("--quiet", "-q") { Description = "Print names or ids alone, one a line", Recursive = true };

    public Option<string?> Socket { get; } =
        new("--socket")
        {
            Description = $"The daemon's socket [${SocketVariable}, else {DefaultSocket}]",
            HelpName = "PATH",
            Recursive = true,
        };

    public Option<string?> KeyFile { get; } =
        new("--key-file")
        {
            Description = $"A file with an API key to call with [also the key itself: ${KeyVariable}]",
            HelpName = "PATH",
            Recursive = true,
        };

    public Option<bool> NoColor { get; } =
        new("--no-color") { Description = "Print without colours [also: NO_COLOR]", Recursive = true };

    public HelpOption Help { get; } = new("--help", "-h") { Description = "Show help and examples" };

    public Option<bool> Version { get; } = new("--version") { Description = "Show the version" };

    private static Option<string?> OutputOption()
    {
        var output = CommonOptions.Choice("--output", "How to print results [table]", null, "table", "json");
        output.Aliases.Add("-o");
        output.Recursive = true;
        return output;
    }
}
