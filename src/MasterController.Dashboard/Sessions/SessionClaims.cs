namespace MasterController.Dashboard.Sessions;

/// <summary>What is known of whoever is logged in.</summary>
internal static class SessionClaims
{
    /// <summary>The session's random number.</summary>
    public const string Id = "mc:session";

    /// <summary>The API key, which is never shown and never leaves this process but for the controller.</summary>
    public const string Key = "mc:key";

    public const string Actor = "mc:actor";
    public const string Role = "mc:role";
}
