using MasterController.Contracts;

namespace MasterController.Cli.Api;

/// <summary>The daemon refused the request and said why; the connection is fine and nothing was changed.</summary>
internal sealed class ApiException(Problem problem) : Exception(problem.Detail ?? problem.Title)
{
    public Problem Problem => problem;

    /// <summary>The last part of the problem's type, one of <see cref="ProblemTypes"/>.</summary>
    public string Kind { get; } = problem.Type[(problem.Type.LastIndexOf('/') + 1)..];
}
