namespace MasterController.Daemon.Requests;

public enum QueryKind
{
    Text,
    Integer,
    Boolean,

    /// <summary>"key=value".</summary>
    Pair,

    /// <summary>ISO 8601; UTC where it names no zone.</summary>
    Time,
}

/// <summary>
/// A query parameter of an endpoint. The same record checks requests and is shown in the OpenAPI document.
/// </summary>
/// <param name="Values">The texts that are allowed, where they are few.</param>
public sealed record QueryParameter(
    string Name,
    QueryKind Kind,
    string Description,
    int Least = 0,
    int Most = 0,
    int? Default = null,
    IReadOnlyList<string>? Values = null,
    bool Repeatable = false,
    bool Required = false
)
{
    public static QueryParameter Text(string name, string description) => new(name, QueryKind.Text, description);

    public static QueryParameter OneOf(string name, string description, IReadOnlyList<string> values) =>
        new(name, QueryKind.Text, description, Values: values);

    public static QueryParameter Integer(string name, string description, int least, int most, int byDefault) =>
        new(name, QueryKind.Integer, description, least, most, byDefault);

    public static QueryParameter Time(string name, string description) => new(name, QueryKind.Time, description);

    public static QueryParameter Boolean(string name, string description) => new(name, QueryKind.Boolean, description);
}

/// <summary>The query parameters of an endpoint, as its metadata.</summary>
public sealed record QueryParameters(IReadOnlyList<QueryParameter> All);
