namespace MasterController.Core.Access;

/// <summary>A change that somebody asked for; the documents are JSON.</summary>
/// <param name="Role">That the actor had.</param>
/// <param name="Action">The name of the endpoint: "createVm".</param>
/// <param name="Subject">What it is about; null where that never became known.</param>
/// <param name="Status">Of the answer; null until there is one.</param>
/// <param name="Request">Without secrets.</param>
public sealed record AuditEntry(
    long Id,
    DateTimeOffset Time,
    string Actor,
    string Role,
    string Action,
    string? Subject,
    string Method,
    string Path,
    int? Status = null,
    string? Error = null,
    string? OperationId = null,
    string? Request = null,
    string? Before = null,
    string? After = null
);

/// <summary>What entries are looked for; null stands for any.</summary>
/// <param name="From">Inclusive, as is <paramref name="To"/>.</param>
/// <param name="Refused">True: those answered with 400 or more; false: the others that were answered.</param>
/// <param name="BeforeId">Older than this one.</param>
/// <param name="Most">How many there are at most, of the newest.</param>
public sealed record AuditFilter(
    string? Actor = null,
    string? Action = null,
    string? Subject = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    bool? Refused = null,
    long? BeforeId = null,
    int Most = int.MaxValue
)
{
    public bool Matches(AuditEntry entry) =>
        (Actor is null || entry.Actor == Actor)
        && (Action is null || entry.Action == Action)
        && (Subject is null || entry.Subject == Subject)
        && (From is null || entry.Time >= From)
        && (To is null || entry.Time <= To)
        && (Refused is null || (entry.Status is { } status && status >= FirstRefusal == Refused))
        && (BeforeId is null || entry.Id < BeforeId);

    /// <summary>The least status that is no success.</summary>
    public const int FirstRefusal = 400;
}
