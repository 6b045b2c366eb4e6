namespace MasterController.Core.Access;

/// <summary>A key of the API as it is stored. The secret itself is nowhere.</summary>
/// <param name="Id">"k-" and twelve hex digits.</param>
/// <param name="Role">"viewer", "operator" or "admin".</param>
/// <param name="Owner">Null where it is not restricted to the VMs of one owner.</param>
/// <param name="Hash">Of the secret (<see cref="ApiKeySecret.HashOf"/>), in hex.</param>
/// <param name="CreatedBy">An actor.</param>
/// <param name="ExpiresAt">Null: never.</param>
public sealed record ApiKey(
    string Id,
    string Name,
    string Role,
    string? Owner,
    string? Pool,
    string Hash,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    DateTimeOffset? ExpiresAt
)
{
    /// <summary>How what it does is signed.</summary>
    public string Actor => $"key:{Name} ({Id})";

    public bool IsExpiredAt(DateTimeOffset time) => ExpiresAt <= time;

    /// <summary>Without the hash, which belongs into no log.</summary>
    public override string ToString() => $"{Actor}, {Role}";
}
