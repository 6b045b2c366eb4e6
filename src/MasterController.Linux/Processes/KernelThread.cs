namespace MasterController.Linux.Processes;

/// <summary>The calling thread as the kernel knows it.</summary>
public static class KernelThread
{
    /// <summary>gettid(2): what the kernel calls a process id where it names who did something.</summary>
    public static int CurrentId => Libc.gettid();
}
