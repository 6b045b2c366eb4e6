using System.Globalization;
using MasterController.Contracts;

namespace MasterController.Dashboard.Components.Vms;

/// <summary>What is typed into the form of new VMs, and the requests it comes to.</summary>
internal sealed class CreateVmForm
{
    public const int Most = 50;

    public string? Name { get; set; }

    public string? Count { get; set; } = "1";

    public string? Type { get; set; }

    public string? Pool { get; set; }

    public string? Address { get; set; }

    public string? Owner { get; set; }

    public string? Vcpus { get; set; }

    public string? MemoryMib { get; set; }

    public string? Image { get; set; }

    /// <summary>"key=value, key=value".</summary>
    public string? Labels { get; set; }

    public string? Ipv6 { get; set; }

    public string? Egress { get; set; }

    /// <summary>By the API's names of fields. What only the controller can know, it says.</summary>
    public Dictionary<string, string> Wrong { get; } = [];

    /// <summary>A request for each VM; none where something is wrong. Several are numbered: "web-1", "web-2", ….</summary>
    public IReadOnlyList<CreateVmRequest> Read()
    {
        Wrong.Clear();
        var count = Number("count", Count, 1, Most) ?? 1;
        var vcpus = Number("vcpus", Vcpus, 1, 32);
        var memory = Number("memoryMib", MemoryMib, 64, 1_048_576);
        var labels = ReadLabels();
        if (count > 1 && Address is not null)
            Wrong["address"] = $"\"{Address}\" is one address, and these are {count} VMs";
        if (count > 1 && Ipv6 is not (null or "auto" or "none"))
            Wrong["ipv6"] = $"\"{Ipv6}\" is one address, and these are {count} VMs";
        if (Wrong.Count > 0)
            return [];
        return
        [
            .. Enumerable
                .Range(1, count)
                .Select(i => new CreateVmRequest(
                    Name is null || count == 1 ? Name : $"{Name}-{i}",
                    Type,
                    Image,
                    Owner,
                    labels,
                    Pool,
                    Address,
                    vcpus,
                    memory,
                    Egress: Egress is null ? null : new EgressPolicy(Egress),
                    Ipv6: Ipv6
                )),
        ];
    }

    private int? Number(string field, string? text, int least, int most)
    {
        if (text is null)
            return null;
        if (
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least
            && number <= most
        )
            return number;
        Wrong[field] = $"\"{text}\" is not a number from {least} to {most}";
        return null;
    }

    private Dictionary<string, string>? ReadLabels()
    {
        if (Labels is null)
            return null;
        Dictionary<string, string> labels = [];
        foreach (var pair in Labels.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (pair.Split('=', 2, StringSplitOptions.TrimEntries) is not [{ Length: > 0 } key, var value])
                Wrong["labels"] = $"\"{pair}\" is not key=value";
            else if (!labels.TryAdd(key, value))
                Wrong["labels"] = $"\"{key}\" is there twice";
        }
        return labels;
    }
}
