using MasterController.Core.Access;

namespace MasterController.Core.Addressing;

/// <summary>One entry in the history of a pool's definition, which is only ever appended to.</summary>
/// <param name="Action">
/// "create", "expand", "shrink", "add-range", "remove-range", "drain", "undrain", "reserve", "unreserve", "rollback",
/// "retire-gateway".
/// </param>
/// <param name="OperationId">The operation that made it; null where none did.</param>
/// <param name="By">Who asked for it, as in the audit log.</param>
public sealed record PoolVersion(
    PoolDefinition Definition,
    DateTimeOffset Time,
    string Action,
    string? OperationId,
    string By = Actor.Controller
)
{
    public const string Create = "create";
    public const string RetireGateway = "retire-gateway";
}
