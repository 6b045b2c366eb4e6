namespace MasterController.LinuxTests.EndToEnd;

/// <summary>Waits for what must come true, generously: the machine may be busy.</summary>
public static class Eventually
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(90);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(deadline) > AtMost)
                Assert.Fail($"not within {AtMost.TotalSeconds} s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    public static Task TrueAsync(Func<bool> condition, string what) =>
        TrueAsync(() => Task.FromResult(condition()), what);
}
