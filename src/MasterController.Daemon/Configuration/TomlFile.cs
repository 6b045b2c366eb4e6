using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace MasterController.Daemon.Configuration;

/// <summary>Reads a TOML file as a flat list of what is written where; knows nothing of keys.</summary>
internal static class TomlFile
{
    public static IReadOnlyList<WrittenValue> Read(string text, string path, List<ConfigError> errors)
    {
        DocumentSyntax document;
        try
        {
            document = SyntaxParser.Parse(text, path, validate: true);
        }
        catch (ArgumentException)
        {
            // What the parser throws for a text that ends within an escape sequence, and gives no place for.
            var last = new ConfigSource(ConfigOrigin.File, path, text.AsSpan().Count('\n') + 1);
            errors.Add(new ConfigError(last, Key: "", "ends within a string or an escape sequence"));
            return [];
        }
        foreach (var diagnostic in document.Diagnostics)
        {
            var source = new ConfigSource(ConfigOrigin.File, path, diagnostic.Span.Start.Line + 1);
            errors.Add(new ConfigError(source, Key: "", diagnostic.Message));
        }
        List<WrittenValue> written = [];
        Add(written, path, prefix: "", document.KeyValues);
        // A table without a name has a diagnostic already.
        foreach (var table in document.Tables.Where(t => t.Name is not null))
            Add(written, path, Name(table.Name!) + ".", table.Items);
        return written;
    }

    private static void Add(List<WrittenValue> written, string path, string prefix, IEnumerable<KeyValueSyntax> items)
    {
        foreach (var item in items)
        {
            // A line that could not be parsed has a diagnostic already.
            if (item.Key is null || item.Value is null)
                continue;
            var key = prefix + Name(item.Key);
            if (item.Value is InlineTableSyntax inline)
                Add(written, path, key + ".", inline.Items.Select(i => i.KeyValue).OfType<KeyValueSyntax>());
            else
                written.Add(
                    Value(key, item.Value, new ConfigSource(ConfigOrigin.File, path, item.Span.Start.Line + 1))
                );
        }
    }

    private static WrittenValue Value(string key, ValueSyntax value, ConfigSource source) =>
        value switch
        {
            StringValueSyntax text => new WrittenValue(key, WrittenKind.Text, text.Value ?? "", source),
            IntegerValueSyntax number => new WrittenValue(key, WrittenKind.Integer, $"{number.Value}", source),
            BooleanValueSyntax flag => new WrittenValue(
                key,
                WrittenKind.Boolean,
                flag.Value ? "true" : "false",
                source
            ),
            ArraySyntax list when list.Items.All(i => Item(i.Value) is not null) => new WrittenValue(
                key,
                WrittenKind.List,
                string.Join(", ", list.Items.Select(i => Item(i.Value))),
                source
            ),
            _ => new WrittenValue(key, WrittenKind.Other, value.ToString().Trim(), source),
        };

    /// <summary>A string or a whole number as text; null for anything else.</summary>
    private static string? Item(ValueSyntax? item) =>
        item switch
        {
            StringValueSyntax text => text.Value ?? "",
            IntegerValueSyntax number => $"{number.Value}",
            _ => null,
        };

    private static string Name(KeySyntax key) =>
        string.Join('.', key.DotKeys.Select(d => Part(d.Key)).Prepend(Part(key.Key)));

    private static string Part(BareKeyOrStringValueSyntax? part) =>
        part switch
        {
            null => "",
            StringValueSyntax quoted => quoted.Value ?? "",
            _ => part.ToString().Trim(),
        };
}
