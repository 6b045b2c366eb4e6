using MasterController.Cli.Errors;

namespace MasterController.Cli.Commands.Forwards;

/// <summary>The two ends of a forward as a person writes them: "203.0.113.7:8080" or "8080", and "web-1:80".</summary>
internal static class ForwardPlaces
{
    /// <exception cref="CliException">It has no ports.</exception>
    public static (string? Address, string Ports) Host(string text)
    {
        var colon = text.LastIndexOf(':');
        var (address, ports) = colon < 0 ? (null, text) : (text[..colon], text[(colon + 1)..]);
        return ports.Length > 0 && address is not ""
            ? (address, ports)
            : throw CliException.Usage($"'{text}' is not [HOST-ADDRESS:]PORT or [HOST-ADDRESS:]FIRST-LAST");
    }

    /// <exception cref="CliException">It has no VM, or no ports.</exception>
    public static (string Vm, string Ports) Guest(string text)
    {
        var colon = text.IndexOf(':');
        return colon > 0 && colon < text.Length - 1
            ? (text[..colon], text[(colon + 1)..])
            : throw CliException.Usage($"'{text}' is not VM:PORT or VM:FIRST-LAST");
    }
}
