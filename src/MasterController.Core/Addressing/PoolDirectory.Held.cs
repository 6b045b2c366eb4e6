namespace MasterController.Core.Addressing;

public sealed partial class PoolDirectory
{
    /// <summary>How many addresses an owner key has: one of a pool at most.</summary>
    public int HeldBy(string owner) => Loaded.Values.Count(pool => pool.Holds(owner));
}
