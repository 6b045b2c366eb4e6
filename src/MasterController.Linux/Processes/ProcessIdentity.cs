namespace MasterController.Linux.Processes;

/// <summary>
/// A process that cannot be mistaken for a later one with the same number: field 22 of /proc/PID/stat, the start
/// time in clock ticks since boot (proc(5)), goes with the pid.
/// </summary>
public readonly record struct ProcessIdentity(int Pid, ulong StartTicks);
