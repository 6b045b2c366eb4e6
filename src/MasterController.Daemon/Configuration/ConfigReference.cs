using System.Text;

namespace MasterController.Daemon.Configuration;

/// <summary>The tables of docs/configuration.md, made from the keys so that they cannot differ from them.</summary>
public static class ConfigReference
{
    public static string Markdown()
    {
        var text = new StringBuilder();
        text.AppendLine("| key | default | allowed | flag | reload | |");
        text.AppendLine("|---|---|---|---|---|---|");
        foreach (var key in ConfigKeys.All)
            AppendRow(text, key, key.ShownDefault);
        foreach (var key in ConfigKeys.ForType("NAME").All)
            AppendRow(text, key, $"{key.ShownDefault} (`cli`)");
        return text.ToString();
    }

    private static void AppendRow(StringBuilder text, ConfigKey key, string shownDefault) =>
        text.AppendLine(
            $"| `{key.Name}` | {Code(shownDefault)} | {key.Allowed} | {Code(key.Flag ?? "")} "
                + $"| {(key.Reload == Reload.Live ? "live" : "restart")} | {key.Summary} |"
        );

    private static string Code(string text) =>
        text.Length == 0 ? ""
        : text.Contains('`', StringComparison.Ordinal) ? text
        : $"`{text}`";
}
