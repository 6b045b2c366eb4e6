using System.CommandLine;
using MasterController.Cli.Errors;

namespace MasterController.Cli.Commands.Vms;

/// <summary><c>mctl vm egress</c>: shows or replaces the policy of a VM, also while it runs.</summary>
internal static class VmEgressCommand
{
    public static CliCommand Create()
    {
        var name = new NameArgument("VM", NameSource.Vms) { Description = "Name or id" };
        var options = new EgressOptions("--");
        var reset = new Option<bool>("--reset") { Description = "Let it follow the policy of its type again" };
        return new CliCommand(
            "egress",
            "Show or replace where a VM may send to; at once, also for its connections",
            "mctl vm egress web-1",
            "mctl vm egress web-1 --default deny --allow 0.0.0.0/0:443/tcp --allow 192.168.100.1:53/udp",
            "mctl vm egress web-1 --deny 10.0.0.0/8 --deny 192.168.0.0/16",
            "mctl vm egress web-1 --allow 169.254.169.254:80/tcp   # the metadata service is refused by default",
            "mctl vm egress web-1 --reset"
        )
        {
            Run = async session =>
            {
                var policy = options.Of(session);
                if (policy is not null && session.Get(reset))
                    throw CliException.Usage("--reset does not go with a policy");
                var vm = (policy, session.Get(reset)) switch
                {
                    ({ } given, _) => await session.Api.SetEgressAsync(session.Get(name), given, default),
                    (_, true) => await session.Api.ResetEgressAsync(session.Get(name), default),
                    _ => await session.Api.GetVmAsync(session.Get(name), default),
                };
                VmPolicyView.PrintEgress(session, vm);
                return ExitCode.Ok;
            },
        }.With([name, .. options.All, reset]);
    }
}
