using MasterController.Contracts;
using MasterController.Dashboard.Live;
using MasterController.Dashboard.Text;
using Microsoft.AspNetCore.Components;

namespace MasterController.Dashboard.Components.Events;

/// <summary>Who asked for which change, and what it made of its subject.</summary>
public sealed partial class AuditView
{
    private const int PageSize = 100;

    private static readonly (string, string)[] _outcomes = [("done", "Done"), ("refused", "Refused")];

    private readonly HashSet<long> _open = [];
    private AuditList? _page;
    private string? _cursor;
    private (string?, string?, string?, string?, string?, string?)? _read;

    [Parameter]
    public string? Actor { get; set; }

    [Parameter]
    public string? Action { get; set; }

    [Parameter]
    public string? Subject { get; set; }

    /// <summary>"done" or "refused".</summary>
    [Parameter]
    public string? Status { get; set; }

    [Parameter]
    public string? From { get; set; }

    [Parameter]
    public string? To { get; set; }

    private bool HasFilter => (Actor ?? Action ?? Subject ?? Status ?? From ?? To) is not null;

    protected override async Task OnParametersSetAsync()
    {
        var wanted = (Actor, Action, Subject, Status, From, To);
        // Who may not read it is told so; the controller would say the same.
        if (_read == wanted || (Now.Me is not null && !May(Roles.Admin)))
            return;
        _read = wanted;
        await ReadAsync(null);
    }

    /// <summary>Times as the API has them: the browser's inputs leave out the zone, which is UTC here.</summary>
    internal static string? Utc(string? time) => time is null || time.EndsWith('Z') ? time : $"{time}:00Z";

    private Task ReadAsync(string? cursor) =>
        TryAsync(async () =>
        {
            var wanted = _read;
            var page = await Api.GetAsync(Path("audit", cursor), ContractsJson.Default.AuditList, Ends);
            if (wanted != _read)
                return;
            (_page, _cursor) = (page, cursor);
            _open.Clear();
        });

    private string Path(string path, string? cursor) =>
        Query.Of(
            path,
            ("actor", Actor),
            ("action", Action),
            ("subject", Subject),
            ("status", Status),
            ("from", Utc(From)),
            ("to", Utc(To)),
            ("limit", path == "audit" ? $"{PageSize}" : null),
            ("cursor", cursor)
        );

    private string File(string format) => "/" + Path($"export/audit.{format}", cursor: null);

    private void Go(string name, string? value) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, value), replace: true);

    private void Toggle(long id)
    {
        if (!_open.Remove(id))
            _open.Add(id);
    }

    private static string Word(AuditEntry entry) =>
        entry.Status switch
        {
            null => "unknown",
            < 400 => "done",
            _ => "refused",
        };
}
