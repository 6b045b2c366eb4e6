using System.CommandLine;
using System.Globalization;
using MasterController.Cli.Errors;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool rollback</c>.</summary>
internal static class PoolRollbackCommand
{
    public static CliCommand Create()
    {
        var pool = PoolSymbols.PoolOrDefault();
        pool.Description += "; a lone number is the VERSION";
        var version = new NameArgument("VERSION", NameSource.Versions)
        {
            Description = "The version to go back to [that before the last change]",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var drain = PoolSymbols.Drain();
        var change = new PoolChangeOptions();
        return new CliCommand(
            "rollback",
            "Give a pool an earlier definition again",
            "mctl pool history default                # the versions there are",
            "mctl pool rollback default               # undoes the last change",
            "mctl pool rollback default 3 --drain"
        )
        {
            Run = session =>
            {
                var (name, text) = (session.Get(pool), session.Get(version));
                if (text is null && name.All(char.IsAsciiDigit))
                {
                    (name, text) = (PoolSymbols.DefaultPool, name);
                }

                return change.RunAsync(
                    session,
                    name,
                    new CreatePlanRequest("rollback", Version: VersionOf(text), Drain: session.Get(drain) ? true : null)
                );
            },
        }.With([pool, version, drain, .. change.All]);
    }

    private static long? VersionOf(string? text) =>
        text is null ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
        : throw CliException.Usage($"VERSION: '{text}' is not a whole number of 1 or more", "see: mctl pool history");
}
