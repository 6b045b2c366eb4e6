namespace MasterController.Core.HostNetwork.Policies;

/// <summary>A policy as a caller writes it.</summary>
/// <param name="Default">"allow", which it is when null, or "deny".</param>
public sealed record EgressRequest(
    string? Default = null,
    IReadOnlyList<string>? Allow = null,
    IReadOnlyList<string>? Deny = null
)
{
    public const string AllowWord = "allow";
    public const string DenyWord = "deny";

    /// <summary>
    /// Null where anything is wrong; <paramref name="refuse"/> is then told each bad field ("allow[2]") and what is wrong
    /// with its value.
    /// </summary>
    public EgressPolicy? Read(Action<string, string> refuse)
    {
        var isRight = true;
        void Refuse(string field, string problem)
        {
            isRight = false;
            refuse(field, problem);
        }

        if (Default is not (null or AllowWord or DenyWord))
            Refuse("default", $"\"{Default}\" is not \"{AllowWord}\" or \"{DenyWord}\"");
        var (allow, deny) = (Rules("allow", Allow, Refuse), Rules("deny", Deny, Refuse));
        if (allow.Count + deny.Count > EgressPolicy.MostRules)
            Refuse(
                allow.Count > deny.Count ? "allow" : "deny",
                $"{allow.Count + deny.Count} rules; at most {EgressPolicy.MostRules} in both lists"
            );
        return isRight ? new EgressPolicy(Default != DenyWord, allow, deny) : null;
    }

    private static List<EgressRule> Rules(string field, IReadOnlyList<string>? texts, Action<string, string> refuse)
    {
        var rules = new List<EgressRule>();
        for (var i = 0; i < texts?.Count; i++)
            if (EgressRule.TryParse(texts[i], out var rule, out var error))
                rules.Add(rule);
            else
                refuse($"{field}[{i}]", error);
        return rules;
    }
}
