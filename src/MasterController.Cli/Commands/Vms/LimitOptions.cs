using System.CommandLine;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Vms;

/// <summary>A rate limit on the command line.</summary>
/// <param name="prefix">"--limit-" where the command is about more than that, else "--".</param>
internal sealed class LimitOptions(string prefix)
{
    private const string OutWords = "the guest may send in a second";
    private const string InWords = "it may be sent in a second";

    private readonly Option<long?> _out = Rate($"{prefix}out", $"What {OutWords}: 10mbit, 1gbit, or bytes");
    private readonly Option<long?> _outBurst = Rate($"{prefix}out-burst", "Bytes on top of it after a pause [65536]");
    private readonly Option<int?> _outPackets = Packets($"{prefix}out-packets", $"Packets that {OutWords}");
    private readonly Option<int?> _outBurstPackets = Packets($"{prefix}out-burst-packets", "Packets on top of it");
    private readonly Option<long?> _in = Rate($"{prefix}in", $"What {InWords}");
    private readonly Option<long?> _inBurst = Rate($"{prefix}in-burst", "Bytes on top of it after a pause [65536]");
    private readonly Option<int?> _inPackets = Packets($"{prefix}in-packets", $"Packets that {InWords}");
    private readonly Option<int?> _inBurstPackets = Packets($"{prefix}in-burst-packets", "Packets on top of it");

    public Symbol[] All => [_out, _outBurst, _outPackets, _outBurstPackets, _in, _inBurst, _inPackets, _inBurstPackets];

    /// <summary>Null where none of them is given.</summary>
    public RateLimit? Of(Session session)
    {
        var limit = new RateLimit(
            session.Get(_out),
            session.Get(_outBurst),
            session.Get(_outPackets),
            session.Get(_outBurstPackets),
            session.Get(_in),
            session.Get(_inBurst),
            session.Get(_inPackets),
            session.Get(_inBurstPackets)
        );
        return limit == new RateLimit() ? null : limit;
    }

    private static Option<int?> Packets(string name, string description) =>
        CommonOptions.Number(name, description, "N", 0, 1_000_000_000);

    private static Option<long?> Rate(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "RATE",
            CustomParser = result =>
            {
                var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
                if (WrittenRate.Parse(text) is { } bytes)
                {
                    return bytes;
                }

                result.AddError($"{name}: '{text}' is no rate; write 10mbit, 800kbit, 1gbit, or bytes: 1250000");
                return null;
            },
        };
}
