using System.Text.RegularExpressions;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Images;
using MasterController.Linux.Addresses;

namespace MasterController.Core.Vms;

/// <summary>A checked <see cref="VmRequest"/> with every default filled in.</summary>
internal sealed partial record VmSpec(
    string Id,
    string Name,
    VmType Type,
    string Image,
    string? Owner,
    IReadOnlyDictionary<string, string> Labels,
    string Pool,
    Ipv4Address? Address,
    int Vcpus,
    int MemoryMib,
    RestartPolicy Restart,
    EgressPolicy? Egress,
    RateLimit? RateLimit,
    Ipv6Wish Ipv6
)
{
    /// <summary>Firecracker's own bound on vCPUs; memory from what a Debian kernel boots with to 1 TiB.</summary>
    private const int MaxVcpus = 32,
        MinMemoryMib = 64,
        MaxMemoryMib = 1 << 20,
        MaxLabels = 32;

    /// <summary>Checks all fields; every bad one is in <paramref name="errors"/> with its value.</summary>
    public static VmSpec? TryCreate(
        VmRequest request,
        string id,
        VmSettings settings,
        out Dictionary<string, string[]> errors
    )
    {
        var found = errors = [];

        void Require(bool holds, string field, string problem)
        {
            if (!holds)
                found[field] = [problem];
        }

        Require(
            request.Name is null || DnsLabel.IsMatch(request.Name),
            "name",
            $"\"{request.Name}\" is not a DNS label: 1 to 63 of a-z, 0-9 and \"-\", not first or last"
        );
        Require(
            request.Name is null || !VmId.HasForm(request.Name),
            "name",
            $"\"{request.Name}\" has the form of a VM id"
        );

        var typeName = request.Type ?? settings.DefaultType;
        var type = settings.Types.GetValueOrDefault(typeName);
        Require(
            type is not null,
            "type",
            $"\"{typeName}\" is not a type; there are {string.Join(", ", settings.Types.Keys.Order())}"
        );

        var image = request.Image ?? type?.Image ?? VmType.DefaultImage;
        Require(ImageCatalog.IsValidName(image), "image", $"\"{image}\" is not an image name");
        Require(
            request.Owner is null or { Length: >= 1 and <= 128 } && IsPrintable(request.Owner),
            "owner",
            $"\"{request.Owner}\" is not 1 to 128 printable characters"
        );

        var labels = request.Labels ?? new Dictionary<string, string>();
        Require(labels.Count <= MaxLabels, "labels", $"{labels.Count} labels; at most {MaxLabels}");
        foreach (var (key, value) in labels)
        {
            Require(
                LabelKey.IsMatch(key),
                $"labels.{key}",
                $"\"{key}\" is not a label name: 1 to 63 of letters, digits, \".\", \"_\", \"/\" and \"-\""
            );
            Require(
                value is { Length: <= 255 } && IsPrintable(value),
                $"labels.{key}",
                $"\"{value}\" is not up to 255 printable characters"
            );
        }

        Ipv4Address address = default;
        Require(
            request.Address is null || Ipv4Address.TryParse(request.Address, out address),
            "address",
            $"\"{request.Address}\" is not an IPv4 address"
        );
        var vcpus = request.Vcpus ?? type?.Vcpus ?? 1;
        Require(vcpus is >= 1 and <= MaxVcpus, "vcpus", $"{vcpus} is not 1 to {MaxVcpus}");
        var memory = request.MemoryMib ?? type?.MemoryMib ?? MinMemoryMib;
        Require(
            memory is >= MinMemoryMib and <= MaxMemoryMib,
            "memoryMib",
            $"{memory} is not {MinMemoryMib} to {MaxMemoryMib}"
        );
        Require(
            request.Restart is null or "never" or "on-failure",
            "restart",
            $"\"{request.Restart}\" is not \"never\" or \"on-failure\""
        );
        var egress = request.Egress?.Read((field, problem) => found[$"egress.{field}"] = [problem]);

        Ipv6Address chosen = default;
        var ipv6 = request.Ipv6 ?? (type?.Ipv6 == true ? Ipv6Wish.AutoWord : Ipv6Wish.NoneWord);
        var isChosen = ipv6 is not (Ipv6Wish.AutoWord or Ipv6Wish.NoneWord);
        Require(
            !isChosen || Ipv6Address.TryParse(ipv6, out chosen),
            "ipv6",
            $"\"{ipv6}\" is not \"{Ipv6Wish.AutoWord}\", \"{Ipv6Wish.NoneWord}\" or an IPv6 address"
        );
        request.RateLimit?.Check((field, problem) => found[$"rateLimit.{field}"] = [problem]);

        return found.Count > 0
            ? null
            : new VmSpec(
                id,
                request.Name ?? id,
                type!,
                image,
                request.Owner,
                labels,
                request.Pool ?? settings.DefaultPool,
                request.Address is null ? null : address,
                vcpus,
                memory,
                request.Restart == "on-failure" ? RestartPolicy.OnFailure : RestartPolicy.Never,
                egress,
                request.RateLimit,
                new Ipv6Wish(ipv6 != Ipv6Wish.NoneWord, isChosen ? chosen : null)
            );
    }

    private static bool IsPrintable(string? text) => text is null || !text.Any(char.IsControl);

    /// <summary>RFC 1123, lower case.</summary>
    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex DnsLabel { get; }

    [GeneratedRegex("^[A-Za-z0-9._/-]{1,63}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelKey { get; }
}
