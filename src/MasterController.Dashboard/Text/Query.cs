namespace MasterController.Dashboard.Text;

/// <summary>Paths with a query.</summary>
public static class Query
{
    /// <summary>Parameters that are null or empty are left out.</summary>
    public static string Of(string path, params ReadOnlySpan<(string Name, string? Value)> parts)
    {
        var separator = '?';
        foreach (var (name, value) in parts)
        {
            if (string.IsNullOrEmpty(value))
                continue;
            path += $"{separator}{name}={Uri.EscapeDataString(value)}";
            separator = '&';
        }
        return path;
    }
}
