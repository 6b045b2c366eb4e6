using MasterController.Cli.Api;
using MasterController.Cli.Errors;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Vms;

/// <summary>Watches a VM until it is where a command wants it.</summary>
internal sealed class VmWait(Session session, TimeSpan limit)
{
    /// <summary>Running, and the guest has said on its console that it is ready.</summary>
    public const string Ready = "ready";

    public const string Deleted = "deleted";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(400);

    private readonly long _begun = session.Terminal.Time.GetTimestamp();

    public TimeSpan Elapsed => session.Terminal.Time.GetElapsedTime(_begun);

    /// <param name="wanted">The status to wait for, or <see cref="Ready"/>; <c>failed</c> ends the wait as well.</param>
    /// <param name="seen">Told each state on the way.</param>
    /// <exception cref="CliException">The VM failed, or the time is up.</exception>
    public async Task<Vm> UntilAsync(Vm vm, string wanted, Action<Vm> seen, CancellationToken cancel)
    {
        while (!Is(vm, wanted))
        {
            if (vm.Status == "failed")
            {
                throw new CliException(
                    ExitCode.Failed,
                    vm.StatusReason ?? "the VM failed",
                    $"its last lines: mctl vm console {vm.Name} --tail 50"
                );
            }

            seen(vm);
            vm = await NextAsync(vm, wanted, cancel) ?? throw Gone();
        }

        return vm;
    }

    /// <summary>Returns when there is no such VM any more.</summary>
    public async Task UntilGoneAsync(Vm vm, Action<Vm> seen, CancellationToken cancel)
    {
        for (Vm? left = vm; left is not null; left = await NextAsync(left, Deleted, cancel))
        {
            seen(left);
        }
    }

    private static bool Is(Vm vm, string wanted) =>
        wanted == Ready ? vm is { Status: "running", ReadyAt: not null } : vm.Status == wanted;

    private static CliException Gone() => new(ExitCode.NotFound, "the VM was deleted meanwhile");

    /// <summary>The VM a little later: sooner while it is young, so that a quick boot is seen at once.</summary>
    private async Task<Vm?> NextAsync(Vm vm, string wanted, CancellationToken cancel)
    {
        if (Elapsed >= limit)
        {
            throw new CliException(
                ExitCode.TimedOut,
                $"not {wanted} after {Readable.Duration(limit)} (still {vm.Status}); it goes on",
                $"look again with: mctl vm show {vm.Name}"
            );
        }

        var pause = TimeSpan.FromTicks(Math.Clamp(Elapsed.Ticks / 10, FirstPause.Ticks, LongestPause.Ticks));
        await Task.Delay(pause, session.Terminal.Time, cancel);
        try
        {
            return await session.Api.GetVmAsync(vm.Id, cancel);
        }
        catch (ApiException e) when (e.Problem.Status == 404)
        {
            return null;
        }
        catch (IOException e) when (e is ConnectionLostException or DaemonUnreachableException && Elapsed < limit)
        {
            // The daemon may be restarting; VMs outlive that, and so does the wait for them.
            return vm;
        }
    }
}
