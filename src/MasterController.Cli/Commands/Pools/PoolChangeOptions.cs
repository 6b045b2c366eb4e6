using System.CommandLine;
using MasterController.Cli.Commands.Operations;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary>What every command that changes a pool takes: to look only, not to ask, to be confirmed, to wait.</summary>
/// <param name="untilBegun">
/// For a drain, which may take days and changes nothing that had to be confirmed: it is not waited for unless
/// <c>--wait</c> is given.
/// </param>
internal sealed class PoolChangeOptions(bool untilBegun = false)
{
    private readonly Option<bool> _plan = new("--plan") { Description = "Print what would be done; change nothing" };

    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask; for scripts" };

    /// <summary>The limits are those of the API.</summary>
    private readonly Option<TimeSpan?> _confirmWithin = CommonOptions.Duration(
        "--confirm-within",
        "Roll back unless 'mctl pool confirm' is given in that time: 90s, 5m, 1h",
        TimeSpan.FromSeconds(10),
        TimeSpan.FromDays(1)
    );

    private readonly WaitOptions _waiting = new(OperationFollow.DefaultWait);

    private readonly Option<int?> _waitForEnd = CommonOptions.WaitIfGiven(OperationFollow.DefaultWait);

    public Symbol[] All =>
        untilBegun ? [_plan, _yes, _waitForEnd] : [_plan, _yes, _confirmWithin, _waiting.Wait, _waiting.NoWait];

    public Task<int> RunAsync(Session session, string pool, CreatePlanRequest request)
    {
        var waitForEnd = untilBegun && session.Given(_waitForEnd);
        return new PoolChangeFlow(session, pool, request)
        {
            PlanOnly = session.Get(_plan),
            CommandToApply = session.CommandLineWithout(_plan),
            Yes = session.Get(_yes),
            ConfirmWithin = session.Get(_confirmWithin),
            UntilBegun = untilBegun && !waitForEnd,
            Wait = waitForEnd
                ? TimeSpan.FromSeconds(session.Get(_waitForEnd) ?? OperationFollow.DefaultWait)
                : _waiting.Of(session),
        }.RunAsync();
    }
}
