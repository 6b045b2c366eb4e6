using System.Security.Cryptography.X509Certificates;
using MasterController.Dashboard.Api;
using MasterController.Dashboard.Components;
using MasterController.Dashboard.Export;
using MasterController.Dashboard.Live;
using MasterController.Dashboard.Sessions;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using MudBlazor.Services;

namespace MasterController.Dashboard.Hosting;

/// <summary>Builds the process: pages, sessions, the connection to the controller.</summary>
internal static class DashboardHost
{
    public static WebApplication Build(DashboardOptions options)
    {
        var builder = WebApplication.CreateBuilder(
            // Under systemd the working directory is /, where nothing of ours lies.
            new WebApplicationOptions
            {
                ContentRootPath = AppContext.BaseDirectory,
                ApplicationName = "master-controller-dashboard",
            }
        );
        // The command line is the only configuration: no appsettings.json, no ASPNETCORE_ variables.
        builder.Configuration.Sources.Clear();
        builder.WebHost.UseStaticWebAssets();
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Host.UseSystemd();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 64 * 1024;
            kestrel.Listen(
                options.Listen,
                listen =>
                {
                    if (options.Certificate is { } certificate)
                        listen.UseHttps(X509Certificate2.CreateFromPemFile(certificate, options.Key));
                }
            );
        });
        AddParts(builder.Services, options.Socket);
        AddWeb(builder.Services, isTls: options.Certificate is not null);

        var app = builder.Build();
        app.UseSecurityHeaders();
        app.UseResponseCompression();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapStaticAssets().AllowAnonymous();
        app.MapSessions();
        app.MapExports();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(o => o.DisableWebSocketCompression = true);
        return app;
    }

    /// <summary>What pages need, whoever renders them.</summary>
    internal static void AddParts(IServiceCollection services, string socket)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new ControllerSocket(socket));
        services.AddSingleton<SessionStore>();
        services.AddSingleton<LiveFeeds>();
        services.AddScoped<CircuitSession>();
        services.AddScoped<ControllerApi>();
        services.AddScoped<LiveView>();
        services.AddScoped<HostTrail>();
        services.AddMudServices();
    }

    private static void AddWeb(IServiceCollection services, bool isTls)
    {
        services.AddResponseCompression(o => o.EnableForHttps = false);
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddCascadingAuthenticationState();
        services.AddHttpContextAccessor();
        // Sessions live in this process alone, so its keys may end with it.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(o =>
        {
            o.Cookie.SameSite = SameSiteMode.Strict;
            o.Cookie.SecurePolicy = isTls ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        });
        services
            .AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
            .AddCookie(o => SessionCookie.Configure(o, isTls));
        services.AddAuthorization(o => o.FallbackPolicy = o.DefaultPolicy);
        services
            .AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme)
            .Configure<SessionStore>((o, store) => o.SessionStore = store);
    }
}
