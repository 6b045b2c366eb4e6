using MasterController.Linux.Files;

namespace MasterController.Core.HostNetwork.ForeignRules;

/// <summary>Lines that are to be taken out of one file.</summary>
internal sealed record RulesFileEdit(string Path, IReadOnlyList<string> Rules)
{
    internal IEnumerable<HostChange> Changes =>
        Rules.Select(rule => new HostChange(
            "file",
            HostChangeKind.Change,
            $"remove the line \"{rule}\" from {Path}",
            $"sed -i '\\|^{rule.Replace(".", "\\.", StringComparison.Ordinal)}$|d' {Path}"
        ));

    /// <summary>Those that are still there.</summary>
    internal static IReadOnlyList<RulesFileEdit> Find(IReadOnlyList<ForeignRule> rules) =>
        [
            .. from file in rules.Where(rule => !rule.IsLive).GroupBy(rule => rule.Place)
            let present = RulesFile.NatRules(RulesFile.Read(file.Key) ?? "").ToHashSet()
            let found = file.Select(rule => rule.Text).Distinct().Where(present.Contains).ToList()
            where found.Count > 0
            select new RulesFileEdit(file.Key, found),
        ];

    internal void Run()
    {
        if (RulesFile.Read(Path) is { } text)
            FileRewrite.Replace(Path, RulesFile.Bytes(RulesFile.Without(text, Rules.ToHashSet())));
    }
}
