namespace MasterController.Core.Diagnostics;

public enum Verdict
{
    Pass,

    /// <summary>Works, but not as well or not as many VMs as it could.</summary>
    Warn,

    /// <summary>VMs cannot be run like this.</summary>
    Fail,

    /// <summary>Could not be found out, or does not matter in this configuration.</summary>
    Skip,
}

/// <summary>What one check found.</summary>
/// <param name="Code">Stable: scripts look for it.</param>
/// <param name="Fix">One line; there on warn and fail.</param>
public sealed record Finding(string Code, Verdict Verdict, string Message, string? Fix)
{
    public static Finding Pass(string code, string message) => new(code, Verdict.Pass, message, Fix: null);

    public static Finding Warn(string code, string message, string fix) => new(code, Verdict.Warn, message, fix);

    public static Finding Fail(string code, string message, string fix) => new(code, Verdict.Fail, message, fix);

    public static Finding Skip(string code, string message) => new(code, Verdict.Skip, message, Fix: null);
}
