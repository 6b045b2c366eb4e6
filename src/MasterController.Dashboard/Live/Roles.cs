namespace MasterController.Dashboard.Live;

/// <summary>The roles of the API, each of which may do what those before it may.</summary>
internal static class Roles
{
    public const string Viewer = "viewer";
    public const string Operator = "operator";
    public const string Admin = "admin";

    private static readonly string[] _ascending = [Viewer, Operator, Admin];

    public static bool Includes(string? has, string needed) =>
        has is not null && Array.IndexOf(_ascending, has) >= Array.IndexOf(_ascending, needed);
}
