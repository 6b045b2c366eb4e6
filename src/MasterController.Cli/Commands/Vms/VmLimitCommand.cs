using System.CommandLine;
using MasterController.Cli.Errors;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Vms;

/// <summary><c>mctl vm limit</c>: shows or replaces the rate limit of a VM, also while it runs.</summary>
internal static class VmLimitCommand
{
    public static CliCommand Create()
    {
        var name = new NameArgument("VM", NameSource.Vms) { Description = "Name or id" };
        var options = new LimitOptions("--");
        var none = new Option<bool>("--none") { Description = "Without limit, whatever its type has" };
        var reset = new Option<bool>("--reset") { Description = "Let it follow the limit of its type again" };
        return new CliCommand(
            "limit",
            "Show or replace how much a VM may send and be sent; at once, also while it runs",
            "mctl vm limit web-1",
            "mctl vm limit web-1 --out 10mbit --in 100mbit",
            "mctl vm limit web-1 --out-packets 5000 --out-burst-packets 10000",
            "mctl vm limit web-1 --none",
            "mctl vm limit web-1 --reset"
        )
        {
            Run = async session =>
            {
                var limit = options.Of(session);
                var (isNone, isReset) = (session.Get(none), session.Get(reset));
                if ((limit is null ? 0 : 1) + (isNone ? 1 : 0) + (isReset ? 1 : 0) > 1)
                {
                    throw CliException.Usage("a limit, --none and --reset exclude each other");
                }

                var given = isNone ? new RateLimit() : limit;
                var vm =
                    given is not null ? await session.Api.SetRateLimitAsync(session.Get(name), given, default)
                    : isReset ? await session.Api.ResetRateLimitAsync(session.Get(name), default)
                    : await session.Api.GetVmAsync(session.Get(name), default);
                VmPolicyView.PrintLimit(session, vm);
                return ExitCode.Ok;
            },
        }.With([name, .. options.All, none, reset]);
    }
}
