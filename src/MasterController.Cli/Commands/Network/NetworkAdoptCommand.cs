using System.CommandLine;
using MasterController.Cli.Api;
using MasterController.Cli.Errors;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Network;

/// <summary><c>mctl net adopt</c>.</summary>
internal static class NetworkAdoptCommand
{
    public static CliCommand Create()
    {
        var plan = new Option<bool>("--plan") { Description = "Print what would be done; change nothing" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask; for scripts" };
        return new CliCommand(
            "adopt",
            "Take over the bridge fcbr0 and the TAPs that an older controller left on it",
            "mctl net adopt --plan",
            "mctl net adopt --yes"
        )
        {
            Run = session => RunAsync(session, session.Get(plan), session.Get(yes)),
        }.With(plan, yes);
    }

    private static async Task<int> RunAsync(Session session, bool planOnly, bool yes)
    {
        if (!planOnly && !yes && !Question.Possible(session.Terminal))
        {
            throw CliException.Usage(
                "there is no terminal to ask on whether to adopt",
                "say --yes to adopt, or --plan to look at what would be done"
            );
        }

        var adoption = await session.Api.GetAdoptionAsync(default);
        if (planOnly)
        {
            Print(session, adoption, () => new AdoptionText(session).WritePlan(adoption));
            return ExitCode.Ok;
        }

        if (!yes && adoption.Changes.Count > 0)
        {
            new AdoptionText(session).WritePlan(adoption);
            if (!Question.Ask(session.Terminal, "Adopt?"))
            {
                session.Note("not adopted; nothing was changed");
                return ExitCode.Failed;
            }
        }

        adoption = await session.Api.AdoptAsync(default);
        Print(session, adoption, () => new AdoptionText(session).WriteDone(adoption));
        return ExitCode.Ok;
    }

    /// <summary>With <c>-q</c> the names of the TAPs that are adopted, or would be.</summary>
    private static void Print(Session session, Adoption adoption, Action draw) =>
        session.Print(
            adoption,
            CliJson.Wire.Adoption,
            adoption.Ports.Where(port => port.Action != "leave").Select(port => port.Name),
            draw
        );
}
