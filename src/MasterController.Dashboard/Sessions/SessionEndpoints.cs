using System.Security.Claims;
using MasterController.Contracts;
using MasterController.Dashboard.Api;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc;

namespace MasterController.Dashboard.Sessions;

/// <summary>Logging in and out: forms that are posted, with an anti-forgery token each.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this WebApplication app)
    {
        // Looks at the token itself: a page that was open while the dashboard was restarted is led back, not refused.
        app.MapPost("/session", LogInAsync).AllowAnonymous().DisableAntiforgery();
        app.MapPost("/session/end", LogOutAsync);
    }

    private static async Task<IResult> LogInAsync(
        HttpContext context,
        [FromForm] string? key,
        [FromForm] string? to,
        ControllerSocket socket,
        IAntiforgery antiforgery,
        CancellationToken cancellationToken
    )
    {
        if (!await antiforgery.IsRequestValidAsync(context))
            return Results.Redirect(Again("form", to));
        if (string.IsNullOrWhiteSpace(key))
            return Results.Redirect(Again("empty", to));
        key = key.Trim();
        using var http = socket.Client(key);
        var api = new ControllerCalls(http);
        WhoAmI me;
        try
        {
            me = await api.GetAsync("api/v1/whoami", ContractsJson.Default.WhoAmI, cancellationToken);
        }
        catch (ApiException refused)
        {
            return Results.Redirect(Again(refused.Status == 429 ? "slow" : "key", to));
        }
        catch (ControllerUnreachableException)
        {
            return Results.Redirect(Again("lost", to));
        }
        var identity = new ClaimsIdentity(
            [
                new Claim(SessionClaims.Id, SessionStore.NewId()),
                new Claim(SessionClaims.Key, key),
                new Claim(SessionClaims.Actor, me.Actor),
                new Claim(SessionClaims.Role, me.Role),
            ],
            CookieAuthenticationDefaults.AuthenticationScheme
        );
        await context.SignInAsync(new ClaimsPrincipal(identity));
        return Results.Redirect(Local(to));
    }

    // The form is bound so that its anti-forgery token is asked for.
    private static async Task<IResult> LogOutAsync(HttpContext context, [FromForm] string? to)
    {
        await context.SignOutAsync();
        return Results.Redirect(to is null ? SessionCookie.LoginPath : Local(to));
    }

    private static string Again(string why, string? to) =>
        $"{SessionCookie.LoginPath}?why={why}&to={Uri.EscapeDataString(Local(to))}";

    /// <summary>A page of this server: a link to a log-in page must not lead elsewhere afterwards.</summary>
    internal static string Local(string? to) =>
        to is ['/', ..] && !to.StartsWith("//", StringComparison.Ordinal) && !to.Contains('\\') ? to : "/";
}
