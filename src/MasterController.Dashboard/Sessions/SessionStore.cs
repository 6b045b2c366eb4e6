using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace MasterController.Dashboard.Sessions;

/// <summary>
/// Everybody who is logged in, in memory: a restart logs all out, and no key is ever written anywhere. A ticket's key is
/// a claim of its principal, which never leaves this process.
/// </summary>
internal sealed class SessionStore(TimeProvider clock) : ITicketStore
{
    /// <summary>Beyond so many the one that was used least recently is logged out.</summary>
    private const int Most = 1000;

    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    /// <summary>Whether a session is still logged in.</summary>
    public bool Has(string id) => _sessions.TryGetValue(id, out var session) && session.Expires > clock.GetUtcNow();

    public Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        RemoveOld();
        var id = ticket.Principal.FindFirst(SessionClaims.Id)!.Value;
        _sessions[id] = new Session(ticket, clock.GetUtcNow() + SessionCookie.Lifetime);
        return Task.FromResult(id);
    }

    public Task RenewAsync(string key, AuthenticationTicket ticket)
    {
        if (_sessions.ContainsKey(key))
            _sessions[key] = new Session(ticket, clock.GetUtcNow() + SessionCookie.Lifetime);
        return Task.CompletedTask;
    }

    public Task<AuthenticationTicket?> RetrieveAsync(string key) =>
        Task.FromResult(Has(key) && _sessions.TryGetValue(key, out var session) ? session.Ticket : null);

    public Task RemoveAsync(string key)
    {
        _sessions.TryRemove(key, out _);
        return Task.CompletedTask;
    }

    public static string NewId() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    private void RemoveOld()
    {
        var now = clock.GetUtcNow();
        foreach (var (id, session) in _sessions)
        {
            if (session.Expires <= now)
                _sessions.TryRemove(id, out _);
        }
        foreach (var (id, _) in _sessions.OrderBy(s => s.Value.Expires).Take(_sessions.Count - Most + 1))
            _sessions.TryRemove(id, out _);
    }

    private sealed record Session(AuthenticationTicket Ticket, DateTimeOffset Expires);
}
