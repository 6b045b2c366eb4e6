using System.CommandLine;
using MasterController.Cli.Errors;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Vms;

/// <summary>A policy on the command line.</summary>
/// <param name="prefix">"--egress-" where the command is about more than that, else "--".</param>
internal sealed class EgressOptions(string prefix)
{
    public const string Form =
        "A rule is NETWORK or NETWORK:PORTS/PROTOCOL: 10.0.0.0/8, 203.0.113.7:443/tcp, 0.0.0.0/0:icmp, [::/0]:443/tcp";

    private readonly Option<string?> _rest = CommonOptions.Choice(
        $"{prefix}default",
        "Whether the guest may send to what no rule matches [allow]",
        null,
        "allow",
        "deny"
    );
    private readonly Option<string[]?> _allow = Rules($"{prefix}allow", "Let the guest send there; repeat for several");
    private readonly Option<string[]?> _deny = Rules(
        $"{prefix}deny",
        "Do not let the guest send there, whatever is allowed; repeat for several"
    );

    public Symbol[] All => [_rest, _allow, _deny];

    /// <summary>Null where none of them is given.</summary>
    public EgressPolicy? Of(Session session)
    {
        var policy = new EgressPolicy(session.Get(_rest), session.Get(_allow), session.Get(_deny));
        return policy is { Default: null, Allow: null or [], Deny: null or [] } ? null : policy;
    }

    private static Option<string[]?> Rules(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "RULE",
            Arity = ArgumentArity.OneOrMore,
        };
}
