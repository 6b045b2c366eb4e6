using System.Security.Claims;
using Bunit;
using MasterController.Dashboard.Hosting;
using MasterController.Dashboard.Live;
using MasterController.Dashboard.Sessions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace MasterController.DashboardTests;

/// <summary>Renders components as whoever is logged in with the key of a <see cref="FakeController"/>.</summary>
public sealed class DashboardContext : BunitContext
{
    public DashboardContext(FakeController controller)
    {
        // Only what fails waits for so long; a machine that does other things besides may be slow.
        DefaultWaitTimeout = TimeSpan.FromSeconds(10);
        JSInterop.Mode = JSRuntimeMode.Loose;
        DashboardHost.AddParts(Services, controller.Socket);
        var user = new ClaimsPrincipal(
            new ClaimsIdentity(
                [new Claim(SessionClaims.Id, "session"), new Claim(SessionClaims.Key, FakeController.Key)],
                "test"
            )
        );
        Services.AddSingleton<AuthenticationStateProvider>(new LoggedIn(user));
        Services.GetRequiredService<SessionStore>().StoreAsync(new AuthenticationTicket(user, "test"));
        // What dialogs, tooltips and menus are rendered into.
        Render<MudPopoverProvider>();
        Dialogs = Render<MudDialogProvider>();
    }

    /// <summary>What dialogs are rendered into.</summary>
    public IRenderedComponent<MudDialogProvider> Dialogs { get; }

    /// <summary>Begins to follow the controller, as the layout does, and waits for its first answer.</summary>
    public async Task FollowAsync()
    {
        var live = Services.GetRequiredService<LiveView>();
        await live.StartAsync();
        for (var i = 0; live.Now.At is null && live.Now.Lost is null && i < 500; i++)
            await Task.Delay(10);
    }

    private sealed class LoggedIn(ClaimsPrincipal user) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(new AuthenticationState(user));
    }
}
