using System.Text;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.ForeignRules;

/// <summary>Reads what <c>iptables -S</c> and iptables-save write of a rule.</summary>
internal static class SourceNatLine
{
    /// <summary>Null where the rule translates no source addresses.</summary>
    internal static SourceNat? Read(string line)
    {
        var words = Split(line);
        if (words is not ["-A", var chain, ..])
            return null;
        var rule = new SourceNat(chain, null, null, null, "");
        var negated = false;
        for (var i = 2; i < words.Count; i++)
        {
            var value = i + 1 < words.Count ? words[i + 1] : "";
            switch (words[i])
            {
                case "!":
                    negated = true;
                    continue;
                case "-s" or "--source" when !negated && rule.Source is null && Network(value) is { } source:
                    rule = rule with { Source = source };
                    i++;
                    break;
                case "-d"
                or "--destination" when negated && rule.NotDestination is null && Network(value) is { } destination:
                    rule = rule with { NotDestination = destination };
                    i++;
                    break;
                case "-o" or "--out-interface" when rule.Out is null:
                    rule = rule with { Out = new InterfaceMatch(value, negated) };
                    i++;
                    break;
                case "-m" or "--match" when value == "comment":
                    i++;
                    break;
                case "--comment":
                    rule = rule with { Comment = value };
                    i++;
                    break;
                case "-j" or "--jump":
                    rule = rule with { Target = value };
                    i++;
                    break;
                case "--random" or "--random-fully" or "--persistent":
                    rule = rule with { Options = $"{rule.Options} {words[i]}".TrimStart() };
                    break;
                default:
                    rule = rule with { IsWhole = false };
                    break;
            }
            negated = false;
        }
        return rule.Target is SourceNat.Masquerade or SourceNat.Snat ? rule : null;
    }

    // "10.0.0.0/8", "10.0.0.1", "10.0.0.0/255.0.0.0"; whatever else iptables takes is not one network.
    private static Ipv4Network? Network(string text)
    {
        if (Ipv4Address.TryParse(text, out var address))
            return new Ipv4Network(address, 32);
        if (Ipv4Network.TryParse(text, out var network, out _))
            return network;
        var slash = text.IndexOf('/');
        if (
            slash < 0
            || !Ipv4Address.TryParse(text.AsSpan(0, slash), out address)
            || !Ipv4Address.TryParse(text.AsSpan(slash + 1), out var mask)
        )
            return null;
        var prefixLength = System.Numerics.BitOperations.LeadingZeroCount(~mask.Value);
        network = Ipv4Network.Of(address, prefixLength);
        return network.Mask == mask ? network : null;
    }

    // Words are parted by blanks; those in quotes keep theirs, and a backslash there keeps what follows.
    private static List<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (quoted, begun) = (false, false);
        for (var i = 0; i < line.Length; i++)
        {
            var letter = line[i];
            if (letter == '"')
                (quoted, begun) = (!quoted, true);
            else if (letter is ' ' or '\t' && !quoted)
            {
                if (begun)
                    words.Add(word.ToString());
                word.Clear();
                begun = false;
            }
            else
            {
                if (letter == '\\' && quoted && i + 1 < line.Length)
                    letter = line[++i];
                word.Append(letter);
                begun = true;
            }
        }
        if (begun)
            words.Add(word.ToString());
        return words;
    }
}
