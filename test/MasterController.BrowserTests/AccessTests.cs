using System.Net;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MasterController.BrowserTests;

/// <summary>Who gets in, and what a page may do.</summary>
public sealed class AccessTests
{
    [Fact]
    public async Task Without_a_key_there_is_the_log_in_page_alone()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync(image: null);
        var page = await dashboard.BlankAsync();

        await page.GotoAsync($"{dashboard.Url}/vms?owner=ci");
        await Expect(page).ToHaveURLAsync($"{dashboard.Url}/login?to=%2Fvms%3Fowner%3Dci");
        await page.GetByLabel("API key").FillAsync("mc_wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("does not know this key");

        await page.GetByLabel("API key").FillAsync(dashboard.Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Expect(page).ToHaveURLAsync($"{dashboard.Url}/vms?owner=ci");
        var cookie = Assert.Single(await page.Context.CookiesAsync(), c => c.Name == "mc-session");
        Assert.True(cookie.HttpOnly);
        Assert.Equal(SameSiteAttribute.Strict, cookie.SameSite);
        Assert.DoesNotContain(dashboard.Key, cookie.Value);
        Assert.DoesNotContain(dashboard.Key, await page.ContentAsync());

        await page.GetByRole(AriaRole.Button, new() { Name = "Log out" }).ClickAsync();
        await Expect(page.GetByLabel("API key")).ToBeVisibleAsync();
        await page.GotoAsync($"{dashboard.Url}/vms");
        await Expect(page.GetByLabel("API key")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_a_viewer_may_not_do_is_disabled_and_says_why()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync(image: null);
        var page = await dashboard.OpenAsync("/vms", key: await dashboard.CreateKeyAsync("eyes", "viewer"));

        await Expect(page.GetByTestId("create-vm")).ToBeDisabledAsync();
        await Expect(page.GetByTestId("create-vm"))
            .ToHaveAccessibleDescriptionAsync("This needs the role operator; this key has the role viewer.");
    }

    [Fact]
    public async Task A_key_that_is_revoked_is_logged_out_at_the_next_call()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync(image: null);
        var page = await dashboard.OpenAsync("/doctor", key: await dashboard.CreateKeyAsync("leaving", "viewer"));
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Run again" })).ToBeEnabledAsync();

        await dashboard.Host.Api.DeletePathAsync("keys/leaving");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run again" }).ClickAsync();

        await Expect(page.GetByLabel("API key")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not logged in any more");
    }

    [Fact]
    public async Task Forms_of_other_sites_and_scripts_in_pages_are_refused()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync(image: null);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(dashboard.Url),
        };

        using var login = await http.GetAsync("/login", TestContext.Current.CancellationToken);
        var policy = Assert.Single(login.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy);
        Assert.Contains("frame-ancestors 'none'", policy);

        // The right key, but no anti-forgery token: as a form of another site would be.
        using var forged = await http.PostAsync(
            "/session",
            new FormUrlEncodedContent(new Dictionary<string, string> { ["key"] = dashboard.Key }),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(HttpStatusCode.Redirect, forged.StatusCode);
        Assert.Equal("/login?why=form&to=%2F", forged.Headers.Location!.OriginalString);
        Assert.DoesNotContain(
            forged.Headers.NonValidated,
            h => h.Key == "Set-Cookie" && h.Value.ToString().Contains("mc-session")
        );

        using var elsewhere = await http.GetAsync("/login?to=//evil.example/", TestContext.Current.CancellationToken);
        Assert.DoesNotContain(
            "//evil.example",
            (await elsewhere.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Replace(
                "value=\"//evil.example/\"",
                ""
            )
        );
    }
}
