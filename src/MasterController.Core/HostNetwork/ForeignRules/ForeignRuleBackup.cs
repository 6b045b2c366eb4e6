using System.Text.Json;
using MasterController.Linux.Files;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.ForeignRules;

/// <summary>
/// Others' rules in a directory that only root may read. What is in it when the list of chains is there is complete, and is
/// never written again: a repeated backup would find the rules gone.
/// </summary>
internal sealed class ForeignRuleBackup(string directory)
{
    private const string ListName = "foreign-rules.json";
    private const string TableName = "master_controller.nft";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>
    /// 1. our table, for people;
    /// 2. copies of the files that rules are in;
    /// 3. all rules of the chains that they are in, which tell their places.
    /// </summary>
    internal void Save(NftablesContext nftables, IReadOnlyList<ForeignRule> rules)
    {
        Directory.CreateDirectory(directory, OwnerOnly);
        File.SetUnixFileMode(directory, OwnerOnly);
        if (File.Exists(PathOf(ListName)))
            return;

        // 1
        DurableNames.Write(PathOf(TableName), nftables.ListAsText($"list table {FirewallRuleset.Table}") ?? []);

        // 2
        var files = new List<SavedFile>();
        foreach (var path in rules.Where(rule => !rule.IsLive).Select(rule => rule.Place).Distinct())
        {
            var copy = $"{files.Count}-{Path.GetFileName(path)}";
            if (RulesFile.Read(path) is not { } text)
                continue;
            DurableNames.Write(PathOf(copy), RulesFile.Bytes(text));
            files.Add(new SavedFile(path, copy));
        }

        // 3
        var saved = new ForeignRulesSaved(SaveChains(rules), files);
        DurableNames.Write(
            PathOf(ListName),
            JsonSerializer.SerializeToUtf8Bytes(saved, ForeignRuleJson.Default.ForeignRulesSaved)
        );
    }

    /// <summary>Puts back what is missing; without a backup of it, at the end of its chain or section.</summary>
    internal void Restore(IReadOnlyList<ForeignRule> rules)
    {
        var saved = File.Exists(PathOf(ListName))
            ? JsonSerializer.Deserialize(
                File.ReadAllBytes(PathOf(ListName)),
                ForeignRuleJson.Default.ForeignRulesSaved
            )!
            : new ForeignRulesSaved([], []);
        foreach (var file in rules.Where(rule => !rule.IsLive).GroupBy(rule => rule.Place))
            RestoreFile(file.Key, [.. file.Select(rule => rule.Text)], saved);
        if (!rules.Any(rule => rule.IsLive))
            return;
        using var socket = NftRuleSocket.Open();
        foreach (var chain in rules.Where(rule => rule.IsLive).GroupBy(rule => rule.Place))
        {
            var place = NftChain.Parse(chain.Key) ?? throw new HostNetworkException($"There is no chain {chain.Key}");
            var before = saved.Chains.FirstOrDefault(one => one.Place == chain.Key)?.Rules ?? [];
            new ChainRestoration(socket, place, before).Restore(chain.Select(rule => rule.Content!).ToHashSet());
        }
    }

    private static List<SavedChain> SaveChains(IReadOnlyList<ForeignRule> rules)
    {
        var places = rules.Where(rule => rule.IsLive).Select(rule => rule.Place).ToHashSet();
        if (places.Count == 0)
            return [];
        using var socket = NftRuleSocket.Open();
        return
        [
            .. socket
                .Rules()
                .Where(rule => places.Contains(rule.Chain.ToString()))
                .GroupBy(rule => rule.Chain)
                .Select(chain => new SavedChain(
                    chain.Key.ToString(),
                    [.. chain.Select(rule => Convert.ToBase64String(rule.Attributes))]
                )),
        ];
    }

    private void RestoreFile(string path, IReadOnlyList<string> rules, ForeignRulesSaved saved)
    {
        // A file that is gone was taken away on purpose: its lines mean nothing without it.
        if (RulesFile.Read(path) is not { } text)
            return;
        var copy = saved.Files.FirstOrDefault(file => file.Path == path)?.Copy;
        var old = copy is null ? null : RulesFile.Read(PathOf(copy));
        var restored = RulesFile.Restored(text, old, rules);
        if (restored != text)
            FileRewrite.Replace(path, RulesFile.Bytes(restored));
    }

    private string PathOf(string name) => Path.Combine(directory, name);
}
