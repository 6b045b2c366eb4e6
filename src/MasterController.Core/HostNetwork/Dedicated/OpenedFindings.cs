namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>What the kernel has of one attachment's openings, forwards and translation, told for each.</summary>
internal static class OpenedFindings
{
    internal static IReadOnlyList<ExternalFinding> Of(Attachment attachment, DedicatedGuests guests)
    {
        if (attachment.External is not { IsNone: false } external)
            return [];
        var all = DedicatedElements.Of(attachment);
        var findings = new List<ExternalFinding>();
        if (external.PublicIpv4 is { } address)
            findings.Add(
                Finding(
                    $"{address}",
                    "translation",
                    Elements(attachment, ExternalAccess.None with { PublicIpv4 = address }),
                    "one-to-one translation"
                )
            );
        foreach (var opening in external.Open)
            findings.Add(
                Finding(
                    $"{opening}",
                    "open",
                    Elements(attachment, external with { Open = [opening], Forwards = [] }),
                    "opening"
                )
            );
        foreach (var forward in external.Forwards)
            findings.Add(
                Finding(
                    $"{forward}",
                    "open",
                    Elements(attachment, ExternalAccess.None with { Forwards = [forward] }),
                    "forward"
                )
            );
        return findings;

        // What two openings share is compared as both together have it.
        IReadOnlyDictionary<DedicatedKey, DedicatedTarget> Elements(Attachment of, ExternalAccess part) =>
            DedicatedElements.Of(of with { External = part }).Keys.ToDictionary(key => key, key => all[key]);

        ExternalFinding Finding(
            string subject,
            string check,
            IReadOnlyDictionary<DedicatedKey, DedicatedTarget> elements,
            string what
        )
        {
            if (elements.Count == 0)
                return new(subject, check, null, $"there is no address that the {what} could be of");
            var isThere = guests.AreThere(elements);
            return new(
                subject,
                check,
                isThere,
                isThere
                    ? $"the firewall has the {what}"
                    : $"elements of the {what} are missing in the firewall, or lead elsewhere"
            );
        }
    }
}
