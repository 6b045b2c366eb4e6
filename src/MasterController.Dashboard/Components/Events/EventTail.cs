using MasterController.Contracts;

namespace MasterController.Dashboard.Components.Events;

/// <summary>The newest events that match, newest first: those of the past, and those that come. Bounded.</summary>
public sealed class EventTail(string? type, string? subject)
{
    public const int Most = 500;

    private readonly LinkedList<Event> _events = [];

    public IReadOnlyCollection<Event> Events => _events;

    /// <summary>Whether it is shown; a beginning of the type counts as in the API.</summary>
    public bool Matches(Event happened) =>
        (type is null || happened.Type == type || happened.Type.StartsWith(type + ".", StringComparison.Ordinal))
        && (subject is null || happened.Subject == subject);

    /// <returns>Whether it is another than before.</returns>
    public bool Add(Event happened)
    {
        if (!Matches(happened) || _events.First is { } first && first.Value.Id >= happened.Id)
            return false;
        _events.AddFirst(happened);
        if (_events.Count > Most)
            _events.RemoveLast();
        return true;
    }

    /// <summary>Older ones, newest first, as far as there is room.</summary>
    public void AddOlder(IEnumerable<Event> past)
    {
        foreach (var happened in past)
        {
            if (_events.Count < Most && (_events.Last is not { } last || last.Value.Id > happened.Id))
                _events.AddLast(happened);
        }
    }
}
