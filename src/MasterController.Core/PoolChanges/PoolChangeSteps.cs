namespace MasterController.Core.PoolChanges;

/// <summary>The steps of a change, as plans and operations show them.</summary>
internal static class PoolChangeSteps
{
    /// <summary>The pool is what the plan was made for, nothing speaks against it, and no other change is under way.</summary>
    public const string Check = "check again";

    /// <summary>What is intended is in the store, so that it is finished or undone whatever happens.</summary>
    public const string Intent = "save the intent";
    public const string Drain = "wait for leases to end";
    public const string BackUp = "back up rules and definition";
    public const string Gateways = "gateway addresses";
    public const string Network = "networks, translation and forwarding";
    public const string Commit = "commit the pool";
    public const string Prove = "probe VMs and lease an address";
    public const string Confirm = "wait for confirmation";

    public const string PutBack = "put back rules of others";

    public static IReadOnlyList<string> For(PoolChangeRequest request, bool mustWait, bool confirms, bool putsBack) =>
        request.Action switch
        {
            PoolAction.Drain => [Check, Intent, Drain],
            PoolAction.Undrain => [Check, Intent, Commit],
            _ =>
            [
                Check,
                Intent,
                .. mustWait ? [Drain] : Array.Empty<string>(),
                BackUp,
                Gateways,
                Network,
                Commit,
                Prove,
                .. confirms ? [Confirm] : Array.Empty<string>(),
                .. putsBack ? [PutBack] : Array.Empty<string>(),
            ],
        };
}
