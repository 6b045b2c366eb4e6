using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CsCheck;
using MasterController.Contracts;
using MasterController.Daemon.Errors;
using MasterController.Daemon.Requests;
using Xunit;

namespace MasterController.Tests.Fuzzing;

/// <summary>Whatever is sent as a body is a value, or a problem that names each wrong field; never a failure.</summary>
public sealed class BodyTests
{
    [Fact]
    public void Valid_bodies_are_read()
    {
        foreach (var (type, sample) in BodySamples.All)
            Assert.Null(Read(type, System.Text.Encoding.UTF8.GetBytes(sample)));
    }

    /// <summary>Half a surrogate pair is JSON by its grammar, and no text; bytes that are not UTF-8 are neither.</summary>
    [Theory]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"owner\":\"\\udc00\"}")]
    [InlineData("{\"owner\":\"\u00ff\"}")]
    public void Text_that_is_not_Unicode_is_refused(string body) =>
        Assert.NotNull(Read(typeof(CreateLeaseRequest), System.Text.Encoding.Latin1.GetBytes(body)));

    [Fact]
    public void Spoilt_bodies_are_read_or_refused_by_field()
    {
        Type[] types = [.. BodySamples.All.Keys];
        Gen.Select(Gen.Int[0, types.Length - 1], Gen.Int)
            .Sample(
                (index, seed) =>
                {
                    var bytes = JsonMutation.Of(BodySamples.All[types[index]], seed);
                    if (Read(types[index], bytes) is not { } problem)
                        return;
                    Assert.Equal(400, problem.Status);
                    Assert.NotEmpty(problem.Errors!);
                    Assert.All(problem.Errors!.Values, texts => Assert.All(texts, t => Assert.NotEmpty(t)));
                    // As it is sent.
                    JsonSerializer.SerializeToUtf8Bytes(problem, ApiJson.Default.Problem);
                },
                iter: 30_000
            );
    }

    private static Problem? Read(Type type, byte[] bytes) =>
        type switch
        {
            _ when type == typeof(CreateVmRequest) => Read(bytes, ContractsJson.Default.CreateVmRequest),
            _ when type == typeof(StopVmRequest) => Read(bytes, ContractsJson.Default.StopVmRequest),
            _ when type == typeof(EgressPolicy) => Read(bytes, ContractsJson.Default.EgressPolicy),
            _ when type == typeof(RateLimit) => Read(bytes, ContractsJson.Default.RateLimit),
            _ when type == typeof(CreatePoolRequest) => Read(bytes, ContractsJson.Default.CreatePoolRequest),
            _ when type == typeof(CreatePlanRequest) => Read(bytes, ContractsJson.Default.CreatePlanRequest),
            _ when type == typeof(ApplyPlanRequest) => Read(bytes, ContractsJson.Default.ApplyPlanRequest),
            _ when type == typeof(CreateLeaseRequest) => Read(bytes, ContractsJson.Default.CreateLeaseRequest),
            _ when type == typeof(RepairNetworkRequest) => Read(bytes, ContractsJson.Default.RepairNetworkRequest),
            _ when type == typeof(OpenRequest) => Read(bytes, ContractsJson.Default.OpenRequest),
            _ when type == typeof(AttachAddressRequest) => Read(bytes, ContractsJson.Default.AttachAddressRequest),
            _ when type == typeof(AddForwardRequest) => Read(bytes, ContractsJson.Default.AddForwardRequest),
            _ when type == typeof(RollbackExternalRequest) => Read(
                bytes,
                ContractsJson.Default.RollbackExternalRequest
            ),
            _ when type == typeof(BuildImageRequest) => Read(bytes, ContractsJson.Default.BuildImageRequest),
            _ when type == typeof(CreateApiKeyRequest) => Read(bytes, ContractsJson.Default.CreateApiKeyRequest),
            _ when type == typeof(QuotaLimits) => Read(bytes, ContractsJson.Default.QuotaLimits),
            _ => Read(bytes, ContractsJson.Default.CreateWebHookRequest),
        };

    private static Problem? Read<T>(byte[] bytes, JsonTypeInfo<T> type)
        where T : class
    {
        var body = JsonBody.Parse(bytes, type);
        Assert.True(body.Value is not null ^ body.Problem is not null);
        return body.Problem?.Problem;
    }
}
