using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;

namespace MasterController.Daemon.Configuration;

/// <summary>Reads the kinds of values that keys have. Each says what is wrong; the key adds what is allowed.</summary>
internal static partial class ConfigReaders
{
    public static Reading<string> Text(WrittenValue written) =>
        written.Kind is WrittenKind.Untyped or WrittenKind.Text
            ? written.Text
            : Reading<string>.Wrong($"{written.Quoted} is not a string");

    public static Reading<string> AbsolutePath(WrittenValue written) =>
        Checked(written, t => t.StartsWith('/') && !t.Contains('\0'), "is not an absolute path");

    public static Reading<string?> OptionalPath(WrittenValue written) =>
        Optional(written, t => t.StartsWith('/') && !t.Contains('\0'), "is not an absolute path");

    /// <summary>A socket address has room for 107 bytes of path and a zero (unix(7)).</summary>
    public static Reading<string> SocketPath(WrittenValue written) =>
        System.Text.Encoding.UTF8.GetByteCount(written.Text) > 107
            ? Reading<string>.Wrong($"{written.Quoted} is longer than the 107 bytes of a socket path")
            : AbsolutePath(written);

    public static Reading<string> OneOf(WrittenValue written, params ReadOnlySpan<string> allowed)
    {
        var text = Text(written);
        return text.Problem is not null || allowed.Contains(text.Value!)
            ? text
            : Reading<string>.Wrong($"{written.Quoted} is none of them{Suggestion.For(text.Value!, allowed)}");
    }

    /// <summary>IFNAMSIZ is 16 with the closing zero (linux/if.h).</summary>
    public static Reading<string?> InterfaceName(WrittenValue written) =>
        Optional(written, t => InterfacePattern().IsMatch(t), "is not the name of an interface");

    public static Reading<string?> GroupName(WrittenValue written) =>
        Optional(written, t => GroupPattern().IsMatch(t), "is not the name of a group");

    /// <summary>A DNS label (RFC 1123), as names of types and images are.</summary>
    public static Reading<string> Label(WrittenValue written) =>
        Checked(written, t => LabelPattern().IsMatch(t), "is not a name");

    public static bool IsLabel(string text) => LabelPattern().IsMatch(text);

    public static Reading<int> Integer(WrittenValue written, int least, int most)
    {
        if (
            written.Kind is not (WrittenKind.Integer or WrittenKind.Untyped)
            || !long.TryParse(written.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        )
            return Reading<int>.Wrong($"{written.Quoted} is not a whole number");
        return number >= least && number <= most ? (int)number : Reading<int>.Wrong($"{written.Text} is out of range");
    }

    public static Reading<bool> Boolean(WrittenValue written) =>
        written switch
        {
            { Kind: WrittenKind.Boolean or WrittenKind.Untyped, Text: "true" } => true,
            { Kind: WrittenKind.Boolean or WrittenKind.Untyped, Text: "false" } => false,
            _ => Reading<bool>.Wrong($"{written.Quoted} is neither true nor false"),
        };

    public static Reading<Ipv4Network> Network(WrittenValue written) =>
        Text(written).Problem is { } problem ? Reading<Ipv4Network>.Wrong(problem)
        : Ipv4Network.TryParse(written.Text, out var network, out var error) ? network
        : Reading<Ipv4Network>.Wrong(error);

    public static Reading<Ipv4Address?> Address(WrittenValue written) =>
        Text(written).Problem is { } problem ? Reading<Ipv4Address?>.Wrong(problem)
        : written.Text.Length == 0 ? new Reading<Ipv4Address?>(null, Problem: null)
        : Ipv4Address.TryParse(written.Text, out var address) ? address
        : Reading<Ipv4Address?>.Wrong($"{written.Quoted} is not an IPv4 address");

    public static Reading<IReadOnlyList<Ipv4Address>> Addresses(WrittenValue written) =>
        List<Ipv4Address>(written, item => Ipv4Address.TryParse(item, out var a) ? a : null, "an IPv4 address");

    public static Reading<IReadOnlyList<IpAddress>> Resolvers(WrittenValue written) =>
        List<IpAddress>(written, item => IpAddress.TryParse(item, out var a) ? a : null, "an IPv4 or IPv6 address");

    /// <summary>Addresses and networks; an address alone is a network of one.</summary>
    public static Reading<IReadOnlyList<Ipv4Network>> Networks(WrittenValue written) =>
        List<Ipv4Network>(
            written,
            item =>
                Ipv4Address.TryParse(item, out var address) ? new Ipv4Network(address, 32)
                : Ipv4Network.TryParse(item, out var network, out _) ? network
                : null,
            "an IPv4 address or network"
        );

    public static Reading<IReadOnlyList<int>> Percentages(WrittenValue written)
    {
        var list = List<int>(
            written,
            item =>
                int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out var percent)
                && percent is >= 1 and <= 100
                    ? percent
                    : null,
            "a whole number from 1 to 100"
        );
        for (var i = 1; i < list.Value?.Count; i++)
        {
            if (list.Value[i] <= list.Value[i - 1])
                return Reading<IReadOnlyList<int>>.Wrong($"{list.Value[i]} does not lie above {list.Value[i - 1]}");
        }
        return list;
    }

    public static Reading<IPEndPoint?> Listen(WrittenValue written)
    {
        if (Text(written).Problem is { } problem)
            return Reading<IPEndPoint?>.Wrong(problem);
        if (written.Text.Length == 0)
            return new Reading<IPEndPoint?>(null, Problem: null);
        if (!IPEndPoint.TryParse(written.Text, out var endPoint) || endPoint.Port == 0)
            return Reading<IPEndPoint?>.Wrong($"{written.Quoted} is not an address with a port");
        return endPoint;
    }

    private static Reading<string> Checked(WrittenValue written, Predicate<string> isRight, string wrong)
    {
        var text = Text(written);
        return text.Problem is not null || isRight(text.Value!)
            ? text
            : Reading<string>.Wrong($"{written.Quoted} {wrong}");
    }

    private static Reading<string?> Optional(WrittenValue written, Predicate<string> isRight, string wrong)
    {
        var text = Checked(written, t => t.Length == 0 || isRight(t), wrong);
        return new Reading<string?>(string.IsNullOrEmpty(text.Value) ? null : text.Value, text.Problem);
    }

    public static Reading<IReadOnlyList<EgressRule>> EgressRules(WrittenValue written)
    {
        if (written.Kind is not (WrittenKind.List or WrittenKind.Untyped))
            return Reading<IReadOnlyList<EgressRule>>.Wrong($"{written.Quoted} is not a list");
        List<EgressRule> rules = [];
        foreach (var item in written.Items)
        {
            if (!EgressRule.TryParse(item, out var rule, out var error))
                return Reading<IReadOnlyList<EgressRule>>.Wrong(error);
            rules.Add(rule);
        }
        return rules;
    }

    private static Reading<IReadOnlyList<T>> List<T>(WrittenValue written, Func<string, T?> read, string what)
        where T : struct
    {
        if (written.Kind is not (WrittenKind.List or WrittenKind.Untyped))
            return Reading<IReadOnlyList<T>>.Wrong($"{written.Quoted} is not a list");
        List<T> items = [];
        foreach (var item in written.Items)
        {
            if (read(item) is not { } value)
                return Reading<IReadOnlyList<T>>.Wrong($"\"{item}\" is not {what}");
            items.Add(value);
        }
        return items;
    }

    [GeneratedRegex("^[A-Za-z0-9_.-]{1,15}$")]
    private static partial Regex InterfacePattern();

    [GeneratedRegex("^[a-z_][a-z0-9_-]{0,31}$")]
    private static partial Regex GroupPattern();

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    private static partial Regex LabelPattern();
}
