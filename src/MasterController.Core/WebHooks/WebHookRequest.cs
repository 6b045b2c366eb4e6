namespace MasterController.Core.WebHooks;

/// <summary>A web hook as a caller asks for it.</summary>
public sealed record WebHookRequest(string? Name, string? Url, IReadOnlyList<string>? Events, string? Secret);

/// <summary>What became of a wish about a web hook.</summary>
public abstract record WebHookOutcome
{
    private WebHookOutcome() { }

    public sealed record Done(WebHookStatus Status) : WebHookOutcome;

    public sealed record NotFound(string Name) : WebHookOutcome;

    /// <summary>Named fields with what is wrong with each.</summary>
    public sealed record Invalid(IReadOnlyDictionary<string, string[]> Errors) : WebHookOutcome;

    public sealed record NameTaken(string Name) : WebHookOutcome;

    public sealed record LimitReached(int Most) : WebHookOutcome;
}
