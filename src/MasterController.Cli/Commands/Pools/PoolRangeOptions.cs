using System.CommandLine;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary>What of a range may differ from what its network makes of it.</summary>
internal sealed class PoolRangeOptions
{
    private readonly Option<string?> _first = Address("--first", "First address to lease [network+2]");

    private readonly Option<string?> _last = Address("--last", "Last address to lease [broadcast-1]");

    private readonly Option<string?> _gateway = Address("--gateway", "The VMs' gateway [network+1]");

    private readonly Option<string[]> _reserve = new("--reserve")
    {
        Description = "An address or network that is never leased automatically; repeat for several",
        HelpName = "ADDRESS|CIDR",
    };

    public Symbol[] All => [_first, _last, _gateway, _reserve];

    public bool AnyGiven(Session session) => All.OfType<Option>().Any(session.Given);

    public PoolRangeRequest Of(Session session, string cidr) =>
        new(
            cidr,
            session.Get(_first),
            session.Get(_last),
            session.Get(_gateway),
            session.Get(_reserve) is { Length: > 0 } reservations ? reservations : null
        );

    /// <summary>For a change that makes or grows the range of <paramref name="cidr"/>.</summary>
    public CreatePlanRequest PlanOf(Session session, string action, string cidr)
    {
        var range = Of(session, cidr);
        return new CreatePlanRequest(action, cidr, range.First, range.Last, range.Gateway, range.Reservations);
    }

    private static Option<string?> Address(string name, string description) =>
        new(name) { Description = description, HelpName = "ADDRESS" };
}
