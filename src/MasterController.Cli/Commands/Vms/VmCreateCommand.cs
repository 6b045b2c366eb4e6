using System.CommandLine;
using System.Globalization;
using MasterController.Cli.Errors;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Vms;

/// <summary><c>mctl vm create</c>: one VM, or several of a kind, up to the moment they run.</summary>
internal static class VmCreateCommand
{
    private const int MostAtOnce = 1000;

    /// <param name="Wanted">As <see cref="VmWait"/> takes it.</param>
    /// <param name="Wait">At most this long; zero for not at all.</param>
    private sealed record Until(string Wanted, TimeSpan Wait);

    public static CliCommand Create()
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "A DNS label; the VM's id when left out",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var type = new Option<string?>("--type", "-t")
        {
            Description = "cli, browser, or a type of your own",
            HelpName = "TYPE",
        };
        type.CompletionSources.Add("cli", "browser");
        var image = new NameOption("--image", NameSource.Images)
        {
            Description = "The image [the type's]",
            HelpName = "IMAGE",
        };
        var owner = new Option<string?>("--owner") { Description = "Whose it is, in your words", HelpName = "OWNER" };
        var labels = CommonOptions.Labels();
        var pool = CommonOptions.Pool("Take the address from this pool");
        var address = new Option<string?>("--address")
        {
            Description = "Take this address [the next free one]",
            HelpName = "ADDRESS",
        };
        var ipv6 = new Option<string?>("--ipv6")
        {
            Description = "A dedicated IPv6 address: this one, one of its own when left out, or none",
            HelpName = "ADDRESS|none",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var vcpus = CommonOptions.Number("--vcpus", "Virtual CPUs [the type's]", "N", 1, 32);
        var memory = CommonOptions.Memory();
        var restart = CommonOptions.Choice("--restart", "What to do when it dies", null, "never", "on-failure");
        var egress = new EgressOptions("--egress-");
        var limit = new LimitOptions("--limit-");
        var count = CommonOptions.Number("--count", "Create N of them, named NAME-1 to NAME-N", "N", 1, MostAtOnce);
        count.Aliases.Add("-n");
        var key = new Option<string?>("--idempotency-key")
        {
            Description = "The same key with the same request gives the same VM again",
            HelpName = "KEY",
        };
        var ready = new Option<bool>("--wait-ready")
        {
            Description = "Wait until the guest has said that it is ready, not only until it runs",
        };
        var waiting = new WaitOptions(120);
        return new CliCommand(
            "create",
            "Create VMs and wait until they run",
            "mctl vm create web-1 --type cli",
            "mctl vm create web-1 --wait-ready --wait 300",
            "mctl vm create ci -n 20 --owner ci --label job=4711",
            "mctl vm create db --vcpus 4 --memory 2G --address 192.168.100.50 --restart on-failure",
            "mctl vm create web-1 --ipv6           # with an address of its own on the internet, closed until opened",
            "mctl vm create job --egress-default deny --egress-allow 0.0.0.0/0:443/tcp"
        )
        {
            Run = session =>
            {
                var request = new CreateVmRequest(
                    session.Get(name),
                    session.Get(type),
                    session.Get(image),
                    session.Get(owner),
                    session.Get(labels),
                    session.Get(pool),
                    session.Get(address),
                    session.Get(vcpus),
                    session.Get(memory),
                    session.Get(restart),
                    egress.Of(session),
                    limit.Of(session),
                    session.Given(ipv6) ? session.Get(ipv6) ?? "auto" : null
                );
                var wait = waiting.Of(session);
                var number = session.Get(count) ?? 1;
                if (number > 1 && request.Address is not null)
                {
                    throw CliException.Usage("--address is for one VM; it cannot go with --count");
                }

                if (number > 1 && request.Ipv6 is not (null or "auto" or "none"))
                {
                    throw CliException.Usage("--ipv6 with an address is for one VM; it cannot go with --count");
                }

                if (session.Get(ready) && wait == TimeSpan.Zero)
                {
                    throw CliException.Usage("--wait-ready and --no-wait exclude each other");
                }

                var until = new Until(session.Get(ready) ? VmWait.Ready : "running", wait);

                // A key of our own makes every create safe to repeat when its answer is lost.
                var idempotencyKey = session.Get(key) ?? $"mctl-{Guid.NewGuid():N}";
                return number == 1
                    ? OneAsync(session, request, idempotencyKey, until)
                    : ManyAsync(session, request, idempotencyKey, until, number);
            },
        }.With([
            name,
            type,
            image,
            owner,
            labels,
            pool,
            address,
            ipv6,
            vcpus,
            memory,
            restart,
            .. egress.All,
            .. limit.All,
            count,
            key,
            ready,
            waiting.Wait,
            waiting.NoWait,
        ]);
    }

    private static async Task<int> OneAsync(Session session, CreateVmRequest request, string key, Until until)
    {
        var vm = await LiveStatus.ShowAsync(
            session.Terminal,
            $"creating {request.Name ?? "a VM"}",
            say => CreateAsync(session, request, key, until, say)
        );
        if (session.Json || session.Quiet)
        {
            VmView.Print(session, vm);
        }
        else
        {
            VmView.PrintOutcome(session, vm);
        }

        return ExitCode.Ok;
    }

    private static Task<int> ManyAsync(Session session, CreateVmRequest request, string key, Until until, int number)
    {
        var names = Enumerable
            .Range(1, number)
            .Select(i => i.ToString(CultureInfo.InvariantCulture))
            .ToDictionary(i => request.Name is null ? $"VM {i}" : $"{request.Name}-{i}", i => i);
        return ManyVms.RunAsync(
            session,
            "creating",
            [.. names.Keys],
            async (name, say) =>
            {
                var mine = request with { Name = request.Name is null ? null : name };
                return await CreateAsync(session, mine, $"{key}-{names[name]}", until, say);
            }
        );
    }

    private static async Task<Vm> CreateAsync(
        Session session,
        CreateVmRequest request,
        string key,
        Until until,
        Action<string> say
    )
    {
        var (wanted, wait) = until;
        var interrupted = session.Terminal.Interrupt.Watch();
        var watch = new VmWait(session, wait);
        // Nobody watching needs no states in between: the daemon may hold its answer until the VM runs.
        var held = session.Terminal.Watched ? TimeSpan.Zero : wait;
        session.DetachNote = "the VM may have been created; look with: mctl vm list";
        var vm = await session.Api.CreateVmAsync(request, key, held, interrupted);
        session.DetachNote = $"{vm.Name} goes on starting; look with: mctl vm show {vm.Name}";
        return wait == TimeSpan.Zero
            ? vm
            : await watch.UntilAsync(vm, wanted, now => say($"{now.Name} {now.Status}  {now.Address}"), interrupted);
    }
}
