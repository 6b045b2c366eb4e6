using MasterController.Core.Access;
using MasterController.Linux.Files;
using MasterController.Linux.Sockets;

namespace MasterController.Daemon.Access;

/// <summary>Who a request is from.</summary>
/// <param name="Actor">As in the audit log.</param>
/// <param name="IsLimited">Whether its requests are counted.</param>
internal sealed record Caller(string Actor, Role Role, Scope Scope, DateTimeOffset? ExpiresAt, bool IsLimited)
{
    /// <summary>Null where the key has a role that this program does not know.</summary>
    public static Caller? Of(ApiKey key) =>
        RoleName.TryParse(key.Role, out var role)
            ? new Caller(key.Actor, role, new Scope(key.Owner, key.Pool), key.ExpiresAt, IsLimited: true)
            : null;

    /// <summary>A local process that needs no key.</summary>
    public static Caller Of(PeerCredentials peer) =>
        new(
            AccountFiles.UserOf(peer.Uid) is { } name ? $"uid:{peer.Uid} ({name})" : $"uid:{peer.Uid}",
            Role.Admin,
            Scope.Everything,
            ExpiresAt: null,
            IsLimited: false
        );
}

internal static class CallerOfRequest
{
    /// <summary>Null where nobody knows who it is, which endpoints that need a role are never reached by.</summary>
    public static Caller? Caller(this HttpContext context) => context.Features.Get<Caller>();

    /// <summary>What the caller is restricted to.</summary>
    public static Scope Scope(this HttpContext context) => context.Caller()?.Scope ?? Access.Scope.Everything;
}
