using System.CommandLine;

namespace MasterController.Cli.Commands.Pools;

/// <summary>Arguments and options that several commands of pools take.</summary>
internal static class PoolSymbols
{
    public const string DefaultPool = "default";

    public static NameArgument Pool() => new("POOL", NameSource.Pools) { Description = "The pool" };

    public static NameArgument PoolOrDefault() =>
        new("POOL", NameSource.Pools)
        {
            Description = $"The pool [{DefaultPool}]",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = static _ => DefaultPool,
        };

    /// <summary>A network that the pool does not have yet.</summary>
    public static Argument<string> NewCidr(string description) => new("CIDR") { Description = description };

    /// <summary>One of the pool's ranges, or a part of one.</summary>
    public static NameArgument OwnCidr(string description) =>
        new("CIDR", NameSource.Ranges) { Description = description };

    public static Option<bool> Drain() =>
        new("--drain") { Description = "Wait for leases that stand in the way, and lease nothing new there" };
}
