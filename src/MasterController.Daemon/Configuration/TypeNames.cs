namespace MasterController.Daemon.Configuration;

/// <summary>
/// Finds the name of a VM type in "types.NAME.vcpus" and in MASTER_CONTROLLER_TYPES_NAME_VCPUS. Names have no "_",
/// so that one in a variable stands for "-".
/// </summary>
internal static class TypeNames
{
    private const string Variable = ConfigKey.EnvironmentPrefix + "TYPES_";

    private static readonly string[] Suffixes =
    [
        "_VCPUS",
        "_MEMORY_MIB",
        "_IMAGE",
        "_EGRESS_DEFAULT",
        "_EGRESS_ALLOW",
        "_EGRESS_DENY",
    ];

    public static string? InKey(string key) =>
        key.Split('.') is ["types", var name, _] && ConfigReaders.IsLabel(name) ? name : null;

    public static string? InVariable(string variable)
    {
        if (!variable.StartsWith(Variable, StringComparison.Ordinal))
            return null;
        foreach (var suffix in Suffixes)
        {
            if (!variable.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            if (variable.Length <= Variable.Length + suffix.Length)
                return null;
            var name = variable[Variable.Length..^suffix.Length].Replace('_', '-').ToLowerInvariant();
            return ConfigReaders.IsLabel(name) ? name : null;
        }
        return null;
    }
}
