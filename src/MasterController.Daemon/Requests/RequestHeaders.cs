using System.Globalization;
using MasterController.Daemon.Errors;

namespace MasterController.Daemon.Requests;

/// <summary>The request headers that have a meaning of ours.</summary>
internal static class RequestHeaders
{
    public const string IdempotencyKey = "Idempotency-Key";
    public const string Prefer = "Prefer";

    private const int MostWaitSeconds = 600;
    private const int MostKeyCharacters = 255;

    /// <summary>
    /// <c>Prefer: wait=N</c> (RFC 7240), N in seconds. Other preferences are ignored, as the RFC has it.
    /// </summary>
    /// <param name="wait">Null where it is not asked for.</param>
    public static ProblemResult? ReadWait(HttpRequest request, out TimeSpan? wait)
    {
        wait = null;
        foreach (var preference in request.Headers.GetCommaSeparatedValues(Prefer))
        {
            var value = preference.Split(';')[0].Trim();
            if (!value.StartsWith("wait=", StringComparison.OrdinalIgnoreCase))
                continue;
            if (
                !int.TryParse(value.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                || seconds > MostWaitSeconds
            )
                return Problems.Invalid(Prefer, $"\"{value}\" is not wait=N with N from 0 to {MostWaitSeconds}");
            wait = TimeSpan.FromSeconds(seconds);
        }
        return null;
    }

    public static void SayWaited(HttpResponse response, TimeSpan wait) =>
        response.Headers["Preference-Applied"] = $"wait={(int)wait.TotalSeconds}";

    public static ProblemResult? ReadIdempotencyKey(HttpRequest request, out string? key)
    {
        key = null;
        if (!request.Headers.TryGetValue(IdempotencyKey, out var values))
            return null;
        var text = values.ToString();
        if (text.Length is 0 or > MostKeyCharacters || text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return Problems.Invalid(IdempotencyKey, $"has to be 1 to {MostKeyCharacters} printable ASCII characters");
        key = text;
        return null;
    }
}
