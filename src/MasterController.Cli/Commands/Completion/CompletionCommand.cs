using System.CommandLine;

namespace MasterController.Cli.Commands.Completion;

/// <summary><c>mctl completion</c>: a shell's script, made from the commands there are.</summary>
internal static class CompletionCommand
{
    public const string Name = "completion";

    public static CliCommand Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        return new CliCommand(
            Name,
            "Print a shell's completion script",
            "source <(mctl completion bash)",
            "mctl completion zsh > \"${fpath[1]}/_mctl\"",
            "mctl completion fish > ~/.config/fish/completions/mctl.fish"
        )
        {
            Run = session =>
            {
                var words = CompletionWords.Of(session.Root);
                session.Out.Write(
                    session.Get(shell) switch
                    {
                        "bash" => BashScript.Of(words),
                        "zsh" => ZshScript.Of(words),
                        _ => FishScript.Of(words),
                    }
                );
                return Task.FromResult(ExitCode.Ok);
            },
        }.With(shell);
    }
}
