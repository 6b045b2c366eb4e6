using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace MasterController.Daemon.Access;

/// <summary>Roles as they are written.</summary>
internal static class RoleName
{
    private const string Viewer = "viewer";
    private const string Operator = "operator";
    private const string Admin = "admin";

    public static IReadOnlyList<string> All { get; } = [Viewer, Operator, Admin];

    public static string Of(Role role) =>
        role switch
        {
            Role.Viewer => Viewer,
            Role.Operator => Operator,
            Role.Admin => Admin,
            _ => throw new UnreachableException(),
        };

    public static bool TryParse([NotNullWhen(true)] string? name, out Role role)
    {
        Role? found = name switch
        {
            Viewer => Role.Viewer,
            Operator => Role.Operator,
            Admin => Role.Admin,
            _ => null,
        };
        role = found.GetValueOrDefault();
        return found is not null;
    }
}
