namespace MasterController.Cli.Terminal;

/// <summary>Colours, where they may be used (ECMA-48, SGR); the terminal's own sixteen, which its theme makes legible.</summary>
internal readonly record struct Ink(bool On)
{
    public string Bold(string text) => Paint("1", text);

    public string Dim(string text) => Paint("2", text);

    public string Red(string text) => Paint("31", text);

    public string Green(string text) => Paint("32", text);

    public string Yellow(string text) => Paint("33", text);

    public string Blue(string text) => Paint("34", text);

    public string Cyan(string text) => Paint("36", text);

    /// <summary>A status by what it means for the reader: well, on its way, at rest, or in need of a look.</summary>
    public string Status(string status) =>
        status switch
        {
            "running" or "succeeded" or "done" or "pass" => Green(status),
            "creating" or "starting" or "stopping" or "deleting" => Yellow(status),
            "failed" or "rolled-back" => Red(status),
            "stopped" or "pending" or "undone" or "skip" => Dim(status),
            _ => status,
        };

    private string Paint(string code, string text) => On && text.Length > 0 ? $"\e[{code}m{text}\e[0m" : text;
}
