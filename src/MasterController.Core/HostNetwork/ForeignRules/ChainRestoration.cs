using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.ForeignRules;

/// <summary>Puts rules back between those that were beside them.</summary>
/// <param name="before">
/// The chain as it was: netlink attributes in base64, counters as they stood. Empty where it is not known.
/// </param>
internal sealed class ChainRestoration(NftRuleSocket socket, NftChain chain, IReadOnlyList<string> before)
{
    private readonly string[] _before = [.. before.Select(rule => ContentOf(Convert.FromBase64String(rule)))];

    /// <param name="contents">Of the rules that should be there (<see cref="ForeignRule.Content"/>).</param>
    internal void Restore(IReadOnlySet<string> contents)
    {
        for (var i = 0; i < _before.Length; i++)
            if (contents.Contains(_before[i]))
                Restore(i);
        foreach (var content in contents.Except(_before).ToList())
            if (Present().All(rule => rule.Content != content))
                socket.Add(chain, Convert.FromBase64String(content), neighbour: null, after: true);
    }

    // Behind the nearest that was before it and is there, else before the nearest that was behind it.
    private void Restore(int index)
    {
        var present = Present();
        // The same rule may have been there twice.
        if (present.Count(rule => rule.Content == _before[index]) >= Occurrences(index))
            return;
        var attributes = Convert.FromBase64String(before[index]);
        for (var i = index - 1; i >= 0; i--)
            if (Last(present, _before[i]) is { } handle)
            {
                socket.Add(chain, attributes, handle, after: true);
                return;
            }
        for (var i = index + 1; i < _before.Length; i++)
            if (First(present, _before[i]) is { } handle)
            {
                socket.Add(chain, attributes, handle, after: false);
                return;
            }
        socket.Add(chain, attributes, neighbour: null, after: true);
    }

    private int Occurrences(int last) => _before.Take(last + 1).Count(rule => rule == _before[last]);

    private List<(string Content, ulong Handle)> Present() =>
        [
            .. socket
                .Rules()
                .Where(rule => rule.Chain == chain)
                .Select(rule => (Convert.ToBase64String(rule.Content), rule.Handle)),
        ];

    private static ulong? First(List<(string Content, ulong Handle)> present, string content) =>
        present.Where(rule => rule.Content == content).Select(rule => (ulong?)rule.Handle).FirstOrDefault();

    private static ulong? Last(List<(string Content, ulong Handle)> present, string content) =>
        present.Where(rule => rule.Content == content).Select(rule => (ulong?)rule.Handle).LastOrDefault();

    private static string ContentOf(byte[] attributes) => Convert.ToBase64String(NftRule.ContentOf(attributes));
}
