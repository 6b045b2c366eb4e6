namespace MasterController.Dashboard.Text;

/// <summary>Queries of addresses, of the API as of pages.</summary>
public static class QueryText
{
    /// <summary>"/vms?status=running"; what is null or empty is left out.</summary>
    public static string To(string path, params IEnumerable<(string Name, string? Value)> parameters)
    {
        var query = string.Join(
            '&',
            parameters
                .Where(p => !string.IsNullOrWhiteSpace(p.Value))
                .Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!.Trim())}")
        );
        return query.Length == 0 ? path : $"{path}?{query}";
    }

    /// <summary>One part of a path.</summary>
    public static string Part(string text) => Uri.EscapeDataString(text);
}
