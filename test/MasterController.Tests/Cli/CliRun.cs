using System.Text;
using MasterController.Cli;
using MasterController.Cli.Terminal;

namespace MasterController.Tests.Cli;

/// <summary>What a run of <c>mctl</c> printed and ended with.</summary>
internal sealed record CliRun(int Code, string Out, string Err)
{
    public string[] OutLines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static Task<CliRun> Of(FakeDaemon daemon, params string[] args) =>
        With(new Surroundings { Socket = daemon.Socket }, args);

    public static Task<CliRun> Offline(params string[] args) => With(new Surroundings(), args);

    public static async Task<CliRun> With(Surroundings surroundings, params string[] args)
    {
        using var terminal = surroundings.Terminal();
        var code = await MctlApp.RunAsync(args, terminal);
        return new CliRun(code, surroundings.OutText, surroundings.ErrText);
    }
}

/// <summary>A terminal, or none, with its environment; by default nobody watches and there is no daemon.</summary>
internal sealed class Surroundings
{
    private readonly MemoryStream _out = new();
    private readonly MemoryStream _err = new();

    public string Socket { get; init; } = "/nonexistent/mctl.sock";

    public bool OutIsTerminal { get; init; }

    public bool ErrIsTerminal { get; init; }

    /// <summary>What somebody at the terminal types, line by line; null where standard input is no terminal.</summary>
    public Queue<string>? Typed { get; init; }

    public Dictionary<string, string> Environment { get; init; } = [];

    public Interrupt Interrupt { get; } = new();

    public string ProgramDirectory { get; init; } = "/nonexistent";

    public Stream? Output { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public string OutText => Encoding.UTF8.GetString(_out.ToArray());

    public string ErrText => Encoding.UTF8.GetString(_err.ToArray());

    /// <summary>Returns when the text has come out, for a daemon that goes away after it.</summary>
    public async Task PrintedAsync(string text)
    {
        while (!OutText.Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(5);
        }
    }

    public CliTerminal Terminal()
    {
        var output = Output ?? _out;
        return new CliTerminal
        {
            OutBytes = output,
            Out = new StreamWriter(output),
            Err = TextWriter.Synchronized(new StreamWriter(_err) { AutoFlush = true }),
            OutIsTerminal = () => OutIsTerminal,
            ErrIsTerminal = () => ErrIsTerminal,
            InIsTerminal = () => Typed is not null,
            ReadLine = () => Typed is not null && Typed.TryDequeue(out var line) ? line : null,
            Width = () => 100,
            Environment = name => name == "MASTER_CONTROLLER_SOCKET" ? Socket : Environment.GetValueOrDefault(name),
            Time = Time,
            ProgramDirectory = ProgramDirectory,
            Interrupt = Interrupt,
        };
    }
}
