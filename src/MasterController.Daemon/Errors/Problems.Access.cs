using MasterController.Contracts;
using MasterController.Daemon.Access;

namespace MasterController.Daemon.Errors;

internal static partial class Problems
{
    public static ProblemResult Unauthenticated(string reason) =>
        new(Of(ProblemTypes.Unauthenticated, "It is not known who asks.", 401, reason));

    public static ProblemResult Forbidden(string reason) =>
        new(Of(ProblemTypes.Forbidden, "The request is not allowed.", 403, reason));

    public static ProblemResult RoleTooLow(Role needed, Role has) =>
        Forbidden($"this needs the role \"{RoleName.Of(needed)}\", and the caller has \"{RoleName.Of(has)}\"");

    /// <summary>A value in the request lies outside of what the caller is restricted to.</summary>
    public static ProblemResult OutOfScope(string field, string? value, Scope scope) =>
        new(
            Of(
                ProblemTypes.Forbidden,
                "The request is not allowed.",
                403,
                $"{field}: {(value is null ? "is left out" : $"\"{value}\" is not allowed")}; the caller is restricted to {scope}"
            ) with
            {
                Errors = new Dictionary<string, string[]>
                {
                    [field] =
                    [
                        value is null ? $"has to name one of {scope}" : $"\"{value}\" does not belong to {scope}",
                    ],
                },
            }
        );

    public static ProblemResult KeyNameTaken(string name) =>
        Conflict(ProblemTypes.NameTaken, "The name is taken.", $"There is a key \"{name}\" already.");

    public static ProblemResult TooManyRequests(string reason, TimeSpan wait) =>
        new(Of(ProblemTypes.TooManyRequests, "There are too many requests.", 429, reason), retryAfter: wait);
}
