using Spectre.Console;

namespace MasterController.Cli.Terminal;

/// <summary>A spinner on stderr while somebody watches; nothing at all otherwise.</summary>
internal static class LiveStatus
{
    public static Task<T> ShowAsync<T>(CliTerminal terminal, string title, Func<Action<string>, Task<T>> body)
    {
        if (!terminal.Watched)
        {
            return body(static _ => { });
        }

        var begun = terminal.Time.GetTimestamp();
        return Consoles
            .OnStderr(terminal)
            .Status()
            .Spinner(Spinner.Known.Dots)
            .StartAsync(
                Markup.Escape(title),
                context =>
                    body(text =>
                        context.Status(
                            $"{Markup.Escape(text)}  [dim]{Readable.Duration(terminal.Time.GetElapsedTime(begun))}[/]"
                        )
                    )
            );
    }
}
