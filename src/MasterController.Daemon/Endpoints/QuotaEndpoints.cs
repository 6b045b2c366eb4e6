using MasterController.Contracts;
using MasterController.Core.Addressing;
using MasterController.Core.Quotas;
using MasterController.Daemon.Access;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using QuotaLimits = MasterController.Contracts.QuotaLimits;

namespace MasterController.Daemon.Endpoints;

/// <summary><c>/api/v1/quotas</c>.</summary>
internal static class QuotaEndpoints
{
    private const int MostOwnerCharacters = 128;
    private const long MostCount = 1_000_000;
    private const long MostAddresses = 16_777_216;

    public static void Map(RouteGroupBuilder api)
    {
        var quotas = api.MapGroup("/quotas").WithTags("Quotas").WithMetadata(AuditSubject.Quota);
        quotas
            .MapGet("", List)
            .Needs(Role.Admin)
            .Describe("listQuotas", "List owners with their limits and what they have", "In the order of their names.")
            .Refuses(503);
        quotas
            .MapGet("/{owner}", Show)
            .Needs(Role.Admin)
            .Describe(
                "showQuota",
                "Show an owner's limits and what it has",
                "Of an owner that is not known: the default."
            )
            .Refuses(400, 503);
        quotas
            .MapPut("/{owner}", SetAsync)
            .Needs(Role.Admin)
            .Describe(
                "setQuota",
                "Set an owner's limits",
                "All of them: what is left out is the configured default. What the owner has already stays."
            )
            .Body<QuotaLimits>()
            .Refuses(400, 413, 415, 503);
        quotas
            .MapDelete("/{owner}", ClearAsync)
            .Needs(Role.Admin)
            .Describe("clearQuota", "Take an owner's own limits away", "The configured defaults hold from now on.")
            .Refuses(400, 404, 503);
    }

    private static Ok<QuotaList> List(QuotaLedger quotas, PoolDirectory pools) =>
        TypedResults.Ok(
            new QuotaList(Shown(quotas.Default), [.. quotas.Owners.Select(owner => Shown(owner, quotas, pools))])
        );

    private static Results<Ok<Quota>, ProblemResult> Show(string owner, QuotaLedger quotas, PoolDirectory pools) =>
        TryRead(owner, out var name) is { } problem ? problem : TypedResults.Ok(Shown(name, quotas, pools));

    private static async Task<Results<Ok<Quota>, ProblemResult>> SetAsync(
        string owner,
        HttpRequest request,
        QuotaLedger quotas,
        PoolDirectory pools,
        CancellationToken cancellationToken
    )
    {
        if (TryRead(owner, out var name) is { } wrong)
            return wrong;
        var body = await JsonBody.ReadAsync(request, ContractsJson.Default.QuotaLimits, cancellationToken);
        if (body.Problem is { } problem)
            return problem;
        if (Check(body.Value!) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        var limits = body.Value!;
        await quotas.SetAsync(
            name,
            new(limits.Vms, limits.Vcpus, limits.MemoryMib, limits.Addresses, limits.DedicatedAddresses)
        );
        return TypedResults.Ok(Shown(name, quotas, pools));
    }

    private static async Task<Results<NoContent, ProblemResult>> ClearAsync(string owner, QuotaLedger quotas)
    {
        if (TryRead(owner, out var name) is { } wrong)
            return wrong;
        return await quotas.ClearAsync(name) ? TypedResults.NoContent() : Problems.NotFound("quota of the owner", name);
    }

    /// <summary>As VMs have it. A slash is the one character that the server leaves encoded in a path.</summary>
    private static ProblemResult? TryRead(string owner, out string name)
    {
        name = owner.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return name.Length is >= 1 and <= MostOwnerCharacters && !name.Any(char.IsControl)
            ? null
            : Problems.Invalid("owner", $"\"{name}\" is not 1 to {MostOwnerCharacters} printable characters");
    }

    private static Dictionary<string, string[]> Check(QuotaLimits limits)
    {
        Dictionary<string, string[]> errors = [];
        Require("vms", limits.Vms, MostCount);
        Require("vcpus", limits.Vcpus, MostCount);
        Require("memoryMib", limits.MemoryMib, int.MaxValue);
        Require("addresses", limits.Addresses, MostAddresses);
        Require("dedicatedAddresses", limits.DedicatedAddresses, MostCount);
        if (limits == new QuotaLimits())
            errors["body"] = ["sets no limit; to go back to the default: DELETE"];
        return errors;

        void Require(string field, long? value, long most)
        {
            if (value < 0 || value > most)
                errors[field] = [$"{value} is not a whole number from 0 to {most}"];
        }
    }

    internal static Quota Shown(string owner, QuotaLedger quotas, PoolDirectory pools)
    {
        var (limits, own, used) = quotas.Look(owner);
        return new Quota(
            owner,
            own is null ? "default" : "owner",
            Shown(limits),
            new QuotaLimits(
                used.Vms,
                used.Vcpus,
                used.MemoryMib,
                used.Addresses + pools.HeldBy(owner),
                used.DedicatedAddresses
            )
        );
    }

    private static QuotaLimits Shown(Core.Quotas.QuotaLimits limits) =>
        new(
            limits.Vms ?? 0,
            limits.Vcpus ?? 0,
            limits.MemoryMib ?? 0,
            limits.Addresses ?? 0,
            limits.DedicatedAddresses ?? 0
        );
}
