namespace MasterController.Dashboard.Api;

/// <summary>What a page shows where a call did not come off, rather than break.</summary>
internal static class Refusal
{
    /// <summary>Null where it came off, or where the page is gone and nobody waits for it.</summary>
    public static async Task<Exception?> OfAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (Exception refused) when (refused is ApiException or ControllerUnreachableException)
        {
            return refused;
        }
    }

    public static bool IsNotFound(Exception? refused) =>
        refused is ApiException { Status: StatusCodes.Status404NotFound };

    /// <summary>What the controller says of one field of a request.</summary>
    public static IReadOnlyList<string> Of(Exception? refused, string field) =>
        refused is ApiException { Problem.Errors: { } errors } && errors.TryGetValue(field, out var texts) ? texts : [];
}
