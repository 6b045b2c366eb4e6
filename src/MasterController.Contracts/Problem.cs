using System.Text.Json.Serialization;

namespace MasterController.Contracts;

/// <summary>
/// An error (RFC 9457). <see cref="Type"/> is stable and one of <see cref="ProblemTypes"/>.
/// </summary>
/// <param name="Errors">For "invalid-request": each bad field with what is wrong with it.</param>
/// <param name="OperationId">For "image-building": the operation to wait for.</param>
public sealed record Problem(
    string Type,
    string Title,
    int Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        IReadOnlyDictionary<string, string[]>? Errors = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? OperationId = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Progress = null
);

/// <summary>The last part of every problem's <c>type</c>, which is a relative URI: "/problems/pool-exhausted".</summary>
public static class ProblemTypes
{
    public const string InvalidRequest = "invalid-request"; // 400
    public const string Unauthenticated = "unauthenticated"; // 401
    public const string Forbidden = "forbidden"; // 403
    public const string TooManyRequests = "too-many-requests"; // 429
    public const string QuotaExceeded = "quota-exceeded"; // 409
    public const string NotFound = "not-found"; // 404
    public const string MethodNotAllowed = "method-not-allowed"; // 405
    public const string TooLarge = "too-large"; // 413
    public const string UnsupportedMediaType = "unsupported-media-type"; // 415
    public const string NameTaken = "name-taken"; // 409
    public const string PoolExhausted = "pool-exhausted"; // 409
    public const string AddressInUse = "address-in-use"; // 409
    public const string AddressCooling = "address-cooling"; // 409
    public const string AddressReserved = "address-reserved"; // 409
    public const string AddressOutsidePool = "address-outside-pool"; // 400
    public const string PoolOverlap = "pool-overlap"; // 409
    public const string PoolHasLeases = "pool-has-leases"; // 409
    public const string BridgeFull = "bridge-full"; // 409
    public const string BridgeNotOurs = "bridge-not-ours"; // 409
    public const string PlanStale = "plan-stale"; // 409
    public const string PlanConflicts = "plan-conflicts"; // 409
    public const string LeasesOutside = "leases-outside"; // 409
    public const string ConfirmTooLate = "confirm-too-late"; // 409
    public const string PoolChanging = "pool-changing"; // 409
    public const string IdempotencyConflict = "idempotency-conflict"; // 409
    public const string WrongState = "wrong-state"; // 409
    public const string ImageMissing = "image-missing"; // 409
    public const string ImageBuilding = "image-building"; // 409
    public const string LimitReached = "limit-reached"; // 409
    public const string PortInUse = "port-in-use"; // 409
    public const string ExternalConflicts = "external-conflicts"; // 409
    public const string NoDedicatedAddress = "no-dedicated-address"; // 409
    public const string NetworkModeNone = "network-mode-none"; // 409
    public const string NetworkUnreadable = "network-unreadable"; // 503
    public const string NotInForce = "not-in-force"; // 503
    public const string NotReady = "not-ready"; // 503
    public const string StoreUnavailable = "store-unavailable"; // 503
    public const string Internal = "internal"; // 500
}
