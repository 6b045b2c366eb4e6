namespace MasterController.Core.Access;

/// <summary>
/// On whose behalf the present flow of control works: a caller of the API, or the controller itself. It flows with the
/// work that a request has begun in the background, so that an operation knows who asked for it.
/// </summary>
public static class Actor
{
    /// <summary>What nobody has asked for.</summary>
    public const string Controller = "controller";

    private static readonly AsyncLocal<Doer?> _current = new();

    /// <summary>As in the audit log: "uid:0 (root)", "key:ci (k-0123456789ab)".</summary>
    public static string Current => _current.Value?.Name ?? Controller;

    /// <summary>The first operation that it has begun since it became the actor; null while there is none.</summary>
    public static string? Operation => _current.Value?.Operation;

    /// <summary>For the present flow, and what it begins from here on.</summary>
    public static void Become(string actor) => _current.Value = new Doer(actor);

    internal static void Began(string operationId)
    {
        if (_current.Value is { } doer)
            doer.Operation ??= operationId;
    }

    private sealed class Doer(string name)
    {
        public string Name => name;

        public string? Operation { get; set; }
    }
}
