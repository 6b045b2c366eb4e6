using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;

namespace MasterController.Dashboard.Sessions;

/// <summary>Whose a circuit is. One that was logged out elsewhere may do nothing more.</summary>
internal sealed class CircuitSession(AuthenticationStateProvider authentication, SessionStore sessions)
{
    private ClaimsPrincipal? _user;

    /// <summary>The API key; null for nobody, and after a log-out.</summary>
    public async ValueTask<string?> KeyAsync()
    {
        _user ??= (await authentication.GetAuthenticationStateAsync()).User;
        return _user.FindFirst(SessionClaims.Id) is { } id && sessions.Has(id.Value)
            ? _user.FindFirst(SessionClaims.Key)?.Value
            : null;
    }
}
