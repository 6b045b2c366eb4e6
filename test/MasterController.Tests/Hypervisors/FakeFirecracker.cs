using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MasterController.Tests.Hypervisors;

/// <summary>
/// Serves Firecracker's API on a real Unix socket and refuses what Firecracker refuses: unknown paths and fields, chunked
/// and long bodies, wrong types, numbers out of range, and the wrong order. Errors have the shape of the API or, where
/// Firecracker's HTTP server refuses before it, the other one.
/// </summary>
internal sealed class FakeFirecracker : IAsyncDisposable
{
    private const int LongestBody = 51_200;

    private readonly WebApplication _app;
    private readonly string _directory = Directory.CreateTempSubdirectory("mc-fc-").FullName;
    private bool _started;
    private bool _configured;

    private FakeFirecracker()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(SocketPath));
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    public string SocketPath => Path.Combine(_directory, "control.sock");

    public string Version { get; set; } = "1.16.1";

    /// <summary>"PUT /path body" of every request that was taken.</summary>
    public List<string> Taken { get; } = [];

    /// <summary>The guest's TAP is in use already.</summary>
    public bool TapBusy { get; set; }

    public static async Task<FakeFirecracker> StartAsync()
    {
        var fake = new FakeFirecracker();
        await fake._app.StartAsync();
        return fake;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        if (request is { Method: "GET", Path.Value: "/version" })
        {
            await context.Response.WriteAsync($$"""{"firecracker_version":"{{Version}}"}""");
            return;
        }
        if (request.ContentLength > LongestBody)
        {
            await RefuseAsync(context, "error", "Request payload with size exceeds the limit of 51200 bytes.");
            return;
        }
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync();
        // Its server knows Content-Length alone.
        if (request.ContentLength is null)
            body = "";
        var fault = Check(request.Method, request.Path.Value ?? "", body);
        if (fault is not null)
        {
            await RefuseAsync(context, "fault_message", fault);
            return;
        }
        Taken.Add($"{request.Method} {request.Path} {body}");
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private string? Check(string method, string path, string body)
    {
        var isUpdate = method == "PATCH" && path.StartsWith("/network-interfaces/", StringComparison.Ordinal);
        if (method != "PUT" && !isUpdate)
            return $"Invalid request method and/or path: {method} {path}.";
        JsonObject fields;
        try
        {
            fields = JsonNode.Parse(body)!.AsObject();
        }
        catch (JsonException)
        {
            return "An error occurred when deserializing the json body of a request: EOF while parsing a value.";
        }
        return path.Split('/') switch
        {
            ["", "machine-config"] => Early()
                ?? Fields(fields, "vcpu_count:n mem_size_mib:n", "smt:b track_dirty_pages:b")
                ?? Range(fields, "vcpu_count", 1, 32)
                ?? Range(fields, "mem_size_mib", 1, int.MaxValue),
            ["", "boot-source"] => Early()
                ?? Fields(fields, "kernel_image_path:s", "initrd_path:s boot_args:s")
                ?? Configure(),
            ["", "drives", var id] => Early()
                ?? Fields(fields, "drive_id:s path_on_host:s is_root_device:b", "is_read_only:b cache_type:s")
                ?? SameId(fields, "drive_id", id),
            ["", "network-interfaces", var id] when isUpdate => Late()
                ?? Fields(fields, "iface_id:s", "rx_rate_limiter:o tx_rate_limiter:o")
                ?? SameId(fields, "iface_id", id)
                ?? Limiters(fields),
            ["", "network-interfaces", var id] => Early()
                ?? Fields(fields, "iface_id:s host_dev_name:s", "guest_mac:s mtu:n rx_rate_limiter:o tx_rate_limiter:o")
                ?? Limiters(fields)
                ?? SameId(fields, "iface_id", id)
                ?? (TapBusy ? "Could not create the network device: Open tap device failed: Resource busy" : null),
            ["", "entropy"] => Early() ?? Fields(fields, "", "rate_limiter:o"),
            ["", "actions"] => Fields(fields, "action_type:s", "") ?? Act((string)fields["action_type"]!),
            _ => $"Invalid request method and/or path: {method} {path}.",
        };
    }

    private string? Early() => _started ? "The requested operation is not supported after starting the microVM." : null;

    private string? Late() => _started ? null : "The requested operation is not supported before starting the microVM.";

    private static string? Limiters(JsonObject fields)
    {
        foreach (var name in (string[])["rx_rate_limiter", "tx_rate_limiter"])
        {
            if (fields[name] is not JsonObject limiter)
                continue;
            var fault = Fields(limiter, "", "bandwidth:o ops:o");
            foreach (var (_, bucket) in limiter)
                fault ??= Fields(bucket!.AsObject(), "size:n refill_time:n", "one_time_burst:n");
            if (fault is not null)
                return fault;
        }
        return null;
    }

    private string? Configure()
    {
        _configured = true;
        return null;
    }

    private string? Act(string action)
    {
        switch (action)
        {
            case "InstanceStart" when !_configured:
                return "Cannot start microvm without kernel configuration.";
            case "InstanceStart" when _started:
                return "The requested operation is not supported after starting the microVM.";
            case "InstanceStart":
                _started = true;
                return null;
            case "SendCtrlAltDel":
                return _started ? null : "The requested operation is not supported before starting the microVM.";
            default:
                return $"unknown variant `{action}`";
        }
    }

    private static string? Fields(JsonObject body, string required, string optional)
    {
        var needed = Parse(required);
        var known = needed.Concat(Parse(optional)).ToDictionary();
        foreach (var (name, value) in body)
        {
            if (!known.TryGetValue(name, out var type))
                return $"unknown field `{name}`";
            var kind = value?.GetValueKind();
            var right = type switch
            {
                "s" => kind == JsonValueKind.String,
                "n" => kind == JsonValueKind.Number,
                "b" => kind is JsonValueKind.True or JsonValueKind.False,
                _ => kind == JsonValueKind.Object,
            };
            if (!right)
                return $"invalid type for `{name}`";
        }
        return needed.Keys.FirstOrDefault(name => !body.ContainsKey(name)) is { } missing
            ? $"missing field `{missing}`"
            : null;

        static Dictionary<string, string> Parse(string fields) =>
            fields
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(field => field.Split(':'))
                .ToDictionary(field => field[0], field => field[1]);
    }

    private static string? Range(JsonObject body, string name, int least, int most) =>
        (int)body[name]! is var value && (value < least || value > most) ? $"invalid value {value} for `{name}`" : null;

    private static string? SameId(JsonObject body, string name, string id) =>
        (string)body[name]! == id ? null : $"The id from the path [{id}] does not match the id from the body.";

    private static Task RefuseAsync(HttpContext context, string field, string message)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsync(new JsonObject { [field] = message }.ToJsonString());
    }
}
