using MasterController.Core.Vms;

namespace MasterController.Daemon.Configuration;

/// <summary>
/// Finds the name of a VM type in "types.NAME.vcpus" and in MASTER_CONTROLLER_TYPES_NAME_VCPUS. Names have no "_",
/// so that one in a variable stands for "-".
/// </summary>
internal static class TypeNames
{
    private const string Variable = ConfigKey.EnvironmentPrefix + "TYPES_";

    // "_VCPUS" and what else a type has, whatever its name.
    private static readonly string[] Suffixes =
    [
        .. ConfigKeys
            .ForType(VmType.BuiltIn[0].Name)
            .All.Select(key => key.EnvironmentName[(Variable.Length + VmType.BuiltIn[0].Name.Length)..]),
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
