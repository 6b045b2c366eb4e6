namespace MasterController.Contracts;

/// <summary><c>GET /healthz</c> and <c>GET /readyz</c>: 200 "ok", or 503 with what is missing.</summary>
public sealed record Health(string Status, string Version, string? Reason = null);

/// <summary><c>GET /api/v1/doctor</c>.</summary>
public sealed record DoctorReport(IReadOnlyList<DoctorCheck> Checks, int Passed, int Warned, int Failed, int Skipped);

/// <param name="Code">Stable: "kvm-boot", "ip-forward", …</param>
/// <param name="Status">pass, warn, fail, skip.</param>
/// <param name="Fix">One line; there on warn and fail.</param>
public sealed record DoctorCheck(string Code, string Status, string Message, string? Fix);
