namespace MasterController.Daemon.Commands;

/// <summary>What the process ends with; part of the interface.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>A bad configuration, a failed check, or a start that was refused; standard error says which.</summary>
    public const int Failed = 1;
}
