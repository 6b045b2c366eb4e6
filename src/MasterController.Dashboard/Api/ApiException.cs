using MasterController.Contracts;

namespace MasterController.Dashboard.Api;

/// <summary>The controller refused; nothing is wrong with the connection.</summary>
public sealed class ApiException(Problem problem, int status) : Exception(problem.Detail ?? problem.Title)
{
    public Problem Problem => problem;

    public int Status => status;

    /// <summary>The last part of the problem's type: "pool-exhausted".</summary>
    public string Kind => problem.Type[(problem.Type.LastIndexOf('/') + 1)..];
}

/// <summary>The controller does not answer on its socket; whether it has done what it was asked is not known.</summary>
public sealed class ControllerUnreachableException(string message, Exception inner) : Exception(message, inner);
