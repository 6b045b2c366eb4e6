using System.Globalization;
using MasterController.Daemon.Configuration;
using MasterController.Daemon.Errors;
using Microsoft.Extensions.Primitives;

namespace MasterController.Daemon.Requests;

/// <summary>
/// The query of a request, checked against the endpoint's <see cref="QueryParameters"/>. A parameter that is not
/// there is an error too: a misspelt filter must not silently select everything.
/// </summary>
public sealed class QueryValues
{
    /// <summary>K is Z, an offset, or nothing, which is UTC; the Fs may be missing, their point too.</summary>
    private static readonly string[] _timeFormats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd'T'HH:mmK",
        "yyyy-MM-dd",
    ];

    private readonly Dictionary<string, StringValues> _values = new(StringComparer.Ordinal);

    private QueryValues() { }

    /// <summary>Null where all is well.</summary>
    public ProblemResult? Problem { get; private init; }

    public static QueryValues Read(HttpRequest request)
    {
        var known = request.HttpContext.GetEndpoint()?.Metadata.GetMetadata<QueryParameters>()?.All ?? [];
        Dictionary<string, string[]> errors = [];
        foreach (var (name, values) in request.Query)
        {
            var parameter = known.FirstOrDefault(p => p.Name == name);
            if (parameter is null)
                errors[name] = ["unknown parameter" + Suggestion.For(name, [.. known.Select(p => p.Name)])];
            else if (values.Count > 1 && !parameter.Repeatable)
                errors[name] = ["is given more than once"];
            else if (values.Select(v => Wrong(parameter, v ?? "")).OfType<string>().ToArray() is { Length: > 0 } wrong)
                errors[name] = wrong;
        }
        foreach (var missing in known.Where(p => p.Required && !request.Query.ContainsKey(p.Name)))
            errors[missing.Name] = ["is required"];
        if (errors.Count > 0)
            return new QueryValues { Problem = Problems.Invalid(errors) };

        var read = new QueryValues();
        foreach (var (name, values) in request.Query)
            read._values[name] = values;
        return read;
    }

    public string? Text(QueryParameter parameter) =>
        _values.TryGetValue(parameter.Name, out var values) ? values[0] : null;

    public int Integer(QueryParameter parameter) =>
        Text(parameter) is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : parameter.Default.GetValueOrDefault();

    /// <summary>Null where it was left out.</summary>
    public DateTimeOffset? Time(QueryParameter parameter) =>
        Text(parameter) is { } text && TryReadTime(text, out var time) ? time : null;

    public bool Boolean(QueryParameter parameter) => Text(parameter) == "true";

    public IReadOnlyDictionary<string, string> Pairs(QueryParameter parameter)
    {
        Dictionary<string, string> pairs = new(StringComparer.Ordinal);
        foreach (var text in _values.GetValueOrDefault(parameter.Name))
        {
            var equals = text!.IndexOf('=');
            pairs[text[..equals]] = text[(equals + 1)..];
        }
        return pairs;
    }

    private static string? Wrong(QueryParameter parameter, string text) =>
        parameter.Kind switch
        {
            QueryKind.Integer when !IsWithin(text, parameter.Least, parameter.Most) =>
                $"\"{text}\" is not a whole number from {parameter.Least} to {parameter.Most}",
            QueryKind.Boolean when text is not ("true" or "false") => $"\"{text}\" is neither true nor false",
            QueryKind.Time when !TryReadTime(text, out _) => $"\"{text}\" is not a time such as 2026-01-31T12:00:00Z",
            QueryKind.Pair when text.IndexOf('=') < 1 => $"\"{text}\" is not of the form key=value",
            QueryKind.Text when parameter.Values is { } values && !values.Contains(text) =>
                $"\"{text}\" is not one of {string.Join(", ", values)}{Suggestion.For(text, [.. values])}",
            _ => null,
        };

    private static bool TryReadTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(
            text,
            _timeFormats,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out time
        );

    private static bool IsWithin(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number >= least
        && number <= most;
}
