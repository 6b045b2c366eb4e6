namespace MasterController.Core.Utilisation;

/// <summary>What the configuration says about how full pools may get; replaced as a whole when it is read again.</summary>
/// <param name="WarnPercent">1 to 100, ascending: an event tells when a pool reaches one of them.</param>
public sealed record UtilisationSettings(IReadOnlyList<int> WarnPercent)
{
    public static UtilisationSettings Default { get; } = new([80, 95]);
}
