namespace MasterController.Core.External;

/// <summary>What a wish comes to for VMs as they are: a change, or why there is none.</summary>
/// <param name="Field">What the caller named an address in.</param>
internal sealed record ExternalDecision(
    string Action,
    string Summary,
    string Field,
    IReadOnlyList<ExternalVmChange> Vms,
    ExternalOutcome? Refusal = null
)
{
    /// <summary>Where another choice may succeed when somebody else was faster.</summary>
    public bool IsChosen { get; init; }

    public bool ChangesNothing => Vms.All(v => v.Before == v.After);

    public static ExternalDecision Refuse(ExternalOutcome refusal) => new("", "", "", [], refusal);

    public static ExternalDecision Refuse(ExternalRefusal refusal) => Refuse(new ExternalOutcome.Refused(refusal));

    public static ExternalDecision Invalid(string field, string problem) =>
        Refuse(new ExternalOutcome.Invalid(new Dictionary<string, string[]> { [field] = [problem] }));
}
