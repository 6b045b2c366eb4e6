using System.CommandLine;
using MasterController.Cli.Errors;

namespace MasterController.Cli.Commands;

/// <summary><c>--wait</c> and <c>--no-wait</c> of a command that begins something.</summary>
internal sealed class WaitOptions(int seconds)
{
    public Option<int?> Wait { get; } = CommonOptions.Wait(seconds);

    public Option<bool> NoWait { get; } = CommonOptions.NoWait();

    /// <returns>How long to wait; zero for not at all.</returns>
    public TimeSpan Of(Session session)
    {
        var none = session.Get(NoWait);
        if (none && session.Given(Wait))
        {
            throw CliException.Usage("--wait and --no-wait exclude each other");
        }

        return none ? TimeSpan.Zero : TimeSpan.FromSeconds(session.Get(Wait) ?? seconds);
    }
}
