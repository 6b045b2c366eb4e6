using Microsoft.AspNetCore.Authentication.Cookies;

namespace MasterController.Dashboard.Sessions;

/// <summary>The cookie of whoever is logged in. It holds a random number; the key stays in this process.</summary>
internal static class SessionCookie
{
    public const string LoginPath = "/login";

    /// <summary>Without a request for so long one has to log in again.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    public static void Configure(CookieAuthenticationOptions options, bool isTls)
    {
        options.Cookie.Name = isTls ? "__Host-mc-session" : "mc-session";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.Cookie.SecurePolicy = isTls ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        options.Cookie.Path = "/";
        options.ExpireTimeSpan = Lifetime;
        options.SlidingExpiration = true;
        options.LoginPath = LoginPath;
        options.ReturnUrlParameter = "to";
    }
}
