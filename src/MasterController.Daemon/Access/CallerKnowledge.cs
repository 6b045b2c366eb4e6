using MasterController.Core.Access;

namespace MasterController.Daemon.Access;

/// <summary>
/// Before all else, notes who a request is from, for the log, the audit log and whatever it begins. What goes on in the
/// name of a key ends when the key does.
/// </summary>
internal static class CallerKnowledge
{
    /// <summary>What a timer takes at most, of .NET; a stream that is longer is asked again by nobody.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    public static void UseCallers(this WebApplication app, TimeProvider clock)
    {
        var authentication = app.Services.GetRequiredService<Authentication>();
        app.Use(
            async (context, next) =>
            {
                var identification = authentication.Identify(context);
                context.Features.Set(identification);
                if (identification is not Identification.Known known)
                {
                    await next(context);
                    return;
                }
                context.Features.Set(known.Caller);
                Actor.Become(known.Caller.Actor);
                using var revoked = known.Key?.Ended.UnsafeRegister(End, context);
                await using var expired = TimerOf(known.Caller, context, clock);
                await next(context);
            }
        );
    }

    private static ITimer? TimerOf(Caller caller, HttpContext context, TimeProvider clock)
    {
        if (caller.ExpiresAt is not { } end || end - clock.GetUtcNow() is var left && left > LongestTimer)
            return null;
        // Timers count whole milliseconds, and what ends a little early would be ended while it may still ask.
        var wait = TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(left.TotalMilliseconds)));
        return clock.CreateTimer(End, context, wait, Timeout.InfiniteTimeSpan);
    }

    private static void End(object? context) => ((HttpContext)context!).Abort();
}
