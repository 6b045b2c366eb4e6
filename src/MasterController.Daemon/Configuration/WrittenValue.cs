namespace MasterController.Daemon.Configuration;

public enum WrittenKind
{
    /// <summary>From the environment or a flag, where everything is text.</summary>
    Untyped,
    Text,
    Integer,
    Boolean,
    List,
    Other,
}

/// <summary>A value as somebody wrote it, before it is known whether its key exists and allows it.</summary>
/// <param name="Text">For lists the items, joined by commas.</param>
public sealed record WrittenValue(string Key, WrittenKind Kind, string Text, ConfigSource Source)
{
    /// <summary>The items of a list; of untyped text those between commas.</summary>
    public IReadOnlyList<string> Items =>
        Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>How a person would call it in a message: <c>the string "x"</c>, <c>12</c>.</summary>
    public string Quoted =>
        Kind switch
        {
            WrittenKind.Integer or WrittenKind.Boolean => Text,
            WrittenKind.List => $"[{Text}]",
            WrittenKind.Other => Text,
            _ => $"\"{Text}\"",
        };
}
