using System.Diagnostics;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

/// <summary>The scripts, run by the shells they are for.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mctl-").FullName;

    public void Dispose() => Directory.Delete(_directory, true);

    [Theory]
    [InlineData("mctl o", "operation")]
    [InlineData("mctl vm st", "start stop")]
    [InlineData("mctl -q vm sh", "show")]
    [InlineData("mctl --socket /s vm sh", "show")]
    [InlineData("mctl vm list --st", "--status")]
    [InlineData("mctl vm list --status st", "starting stopped stopping")]
    [InlineData("mctl vm list -o ", "json table")]
    [InlineData("mctl vm list --output = j", "json")]
    [InlineData("mctl vm show w", "web-1 web-2")]
    [InlineData("mctl vm stop web-1 web-", "web-1 web-2")]
    [InlineData("mctl vm list --pool de", "default")]
    [InlineData("mctl operation wait o", "op-12")]
    [InlineData("mctl completion ", "bash fish zsh")]
    [InlineData("mctl pool expand de", "default")]
    [InlineData("mctl pool expand default ", "")]
    [InlineData("mctl pool shrink default ", "192.168.100.0/24")]
    [InlineData("mctl -q pool remove-range default --drain 192", "192.168.100.0/24")]
    [InlineData("mctl pool remove-range lab ", "10.0.0.0/8")]
    [InlineData("mctl pool unreserve default ", "192.168.100.9")]
    [InlineData("mctl pool rollback default ", "1 2")]
    [InlineData("mctl pool rollback default 1 ", "")]
    [InlineData("mctl pool create lab 10.0.0.0/8 --strategy ", "least-recently-used lowest-free next random")]
    [InlineData("mctl frob", "")]
    public async Task Bash_completes(string line, string words)
    {
        var script = await ScriptAsync("bash");
        var typed = string.Join(" ", line.Split(' ').Select(word => $"'{word}'"));

        var completed = await RunAsync(
            "bash",
            "-c",
            $"source {script}; COMP_WORDS=({typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _mctl; echo \"${{COMPREPLY[*]}}\""
        );

        Assert.Equal(words, completed.Trim());
    }

    [Fact]
    public async Task Bash_knows_every_command_and_option()
    {
        var script = await ScriptAsync("bash");
        foreach (var command in CommandWords.All())
        {
            var typed = string.Join(" ", command.Path.Split(' ').Prepend("mctl").Append("--"));
            var completed = await RunAsync(
                "bash",
                "-c",
                $"source {script}; COMP_WORDS=({typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _mctl; echo \"${{COMPREPLY[*]}}\""
            );

            var long_ = command
                .Options.SelectMany(option => option.Names)
                .Where(name => name.StartsWith("--", StringComparison.Ordinal));
            Assert.Equal(long_.Order(), completed.Trim().Split(' ').Order());
        }
    }

    [Theory]
    [InlineData("mctl vm st", "start stop")]
    [InlineData("mctl vm list --status st", "starting stopped stopping")]
    [InlineData("mctl vm show w", "web-1 web-2")]
    [InlineData("mctl -o json vm sh", "show")]
    [InlineData("mctl vm stop web-1 web-", "web-1 web-2")]
    [InlineData("mctl pool shrink d", "default")]
    [InlineData("mctl pool shrink default ", "192.168.100.0/24")]
    [InlineData("mctl pool rollback default 1 ", "")]
    public async Task Fish_completes(string line, string words)
    {
        Assert.SkipUnless(Installed("fish"), "fish is not installed");
        var script = await ScriptAsync("fish");

        var completed = await RunAsync("fish", "--no-config", "-c", $"source {script}; complete -C '{line}'");

        var found = completed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(x => x.Split('\t')[0]);
        Assert.Equal(words, string.Join(" ", found.Order()));
    }

    [Fact]
    public async Task Zsh_takes_its_script()
    {
        Assert.SkipUnless(Installed("zsh"), "zsh is not installed");
        var script = await ScriptAsync("zsh");

        var defined = await RunAsync(
            "zsh",
            "-f",
            "-c",
            $"autoload -Uz compinit && compinit -D -u && source {script} && echo $_comps[mctl] && whence -w _mctl_vm_create"
        );

        Assert.Equal("_mctl\n_mctl_vm_create: function\n", defined);
    }

    [Fact]
    public async Task Zsh_asks_for_names_with_the_first_argument()
    {
        Assert.SkipUnless(Installed("zsh"), "zsh is not installed");
        var script = await ScriptAsync("zsh");

        // As _arguments calls it: options for compadd, then our own word; the arguments typed so far are in $line.
        var added = await RunAsync(
            "zsh",
            "-f",
            "-c",
            $"autoload -Uz compinit && compinit -D -u && source {script}; line=(default); "
                + "compadd() { print -r -- $@ $names }; _mctl_names -J group ranges"
        );

        Assert.Equal("-J group -a names 192.168.100.0/24\n", added);
    }

    [Theory]
    [InlineData("vms", "web-1\n")]
    [InlineData("pools", "default\n")]
    [InlineData("images", "golden\n")]
    [InlineData("operations", "op-12\n")]
    [InlineData("leases", "192.168.100.2\n")]
    [InlineData("ranges default", "192.168.100.0/24\n")]
    [InlineData("reservations default", "192.168.100.9\n")]
    [InlineData("versions default", "1\n2\n")]
    [InlineData("ranges", "")]
    [InlineData("ranges lab", "")]
    public async Task Names_come_from_the_daemon(string source, string printed)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var json = ContractsJson.Default;
        daemon.On("GET /api/v1/vms", json.VmList, Samples.Vms(Samples.Vm()));
        daemon.On("GET /api/v1/pools", json.PoolList, new PoolList([Samples.Pool()]));
        daemon.On(
            "GET /api/v1/images",
            json.ImageList,
            new ImageList([new Image("golden", "6.1", 1, "00", Samples.Start)])
        );
        daemon.On("GET /api/v1/operations", json.OperationList, new OperationList([Samples.Operation("succeeded", 1)]));
        daemon.On("GET /api/v1/pools/default", json.Pool, Samples.Pool());
        var version = new PoolVersion(1, Samples.Start, "create", null, [PlanSamples.Small], [], 253, false);
        daemon.On(
            "GET /api/v1/pools/default/history",
            json.PoolVersionList,
            new PoolVersionList([version, version with { Version = 2 }])
        );
        daemon.On("GET /api/v1/pools/default/leases", json.LeaseList, new LeaseList([Samples.Lease()], 1, null));

        var run = await CliRun.Of(daemon, ["__complete", .. source.Split(' ')]);

        Assert.Equal((0, printed, ""), (run.Code, run.Out, run.Err));
    }

    [Fact]
    public async Task Without_a_daemon_there_are_no_names_and_no_error()
    {
        var run = await CliRun.Offline("__complete", "vms");

        Assert.Equal((0, "", ""), (run.Code, run.Out, run.Err));
    }

    private static bool Installed(string shell) => File.Exists($"/usr/bin/{shell}");

    private async Task<string> ScriptAsync(string shell)
    {
        var run = await CliRun.Offline("completion", shell);
        Assert.Equal((0, ""), (run.Code, run.Err));
        var path = Path.Combine(_directory, $"completion.{shell}");
        await File.WriteAllTextAsync(path, run.Out, TestContext.Current.CancellationToken);
        return path;
    }

    /// <summary>Runs a shell in which <c>mctl</c> is a stand-in that knows a few names.</summary>
    private async Task<string> RunAsync(string program, params string[] args)
    {
        var mctl = Path.Combine(_directory, "mctl");
        if (OperatingSystem.IsLinux() && !File.Exists(mctl))
        {
            const string names = """
                #!/bin/sh
                case "$2-$3" in
                  vms-*) echo web-1; echo web-2 ;;
                  pools-*) echo default ;;
                  operations-*) echo op-12 ;;
                  ranges-default) echo 192.168.100.0/24 ;;
                  ranges-lab) echo 10.0.0.0/8 ;;
                  reservations-default) echo 192.168.100.9 ;;
                  versions-default) echo 1; echo 2 ;;
                esac

                """;
            await File.WriteAllTextAsync(mctl, names);
            File.SetUnixFileMode(mctl, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var start = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{_directory}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["HOME"] = _directory;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal("", await errors);
        return output;
    }
}
