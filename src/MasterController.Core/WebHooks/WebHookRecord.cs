using System.Text;

namespace MasterController.Core.WebHooks;

/// <summary>A web hook as it is stored. Its secret is in the state file alone, which only the controller can read.</summary>
/// <param name="Events">As in <see cref="Events.ControllerEvent.IsOf"/>; all where there is none.</param>
/// <param name="LastEventId">Events up to this one are delivered, were given up, or are not for it.</param>
public sealed record WebHookRecord(
    string Name,
    string Url,
    IReadOnlyList<string> Events,
    string Secret,
    DateTimeOffset CreatedAt,
    long LastEventId,
    long Delivered = 0,
    long GivenUp = 0,
    DateTimeOffset? LastDeliveryAt = null
)
{
    /// <summary>Without the secret, so that no log or message can have it.</summary>
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(Name).Append(" after ").Append(LastEventId);
        return true;
    }
}

/// <summary>A web hook as it is shown.</summary>
/// <param name="LastError">Why the last attempt failed; null where it did not.</param>
public sealed record WebHookStatus(
    WebHookRecord Hook,
    WebHookState State,
    string? LastError,
    DateTimeOffset? NextAttemptAt
);

public enum WebHookState
{
    Ok,
    Retrying,

    /// <summary>An event was given up, and none has been delivered since.</summary>
    Failing,
}
