using MudBlazor;

namespace MasterController.Dashboard.Components.Layout;

/// <summary>
/// Colours of both themes. Text on each surface has a contrast of at least 4.5 : 1 (WCAG 2.2, 1.4.3), which the
/// accessibility tests of the pages check.
/// </summary>
internal static class DashboardTheme
{
    private static readonly string[] _fonts =
    [
        "system-ui",
        "-apple-system",
        "Segoe UI",
        "Liberation Sans",
        "sans-serif",
    ];

    public static MudTheme Theme { get; } =
        new()
        {
            PaletteLight = new PaletteLight
            {
                Primary = "#0b5cad",
                Secondary = "#5b4bb5",
                Info = "#0b5cad",
                Success = "#1a6b3c",
                Warning = "#8a5300",
                Error = "#b3261e",
                Background = "#f6f7f9",
                Surface = "#ffffff",
                DrawerBackground = "#ffffff",
                DrawerText = "#1c2733",
                DrawerIcon = "#44546a",
                AppbarText = "#1c2733",
                TextPrimary = "#1c2733",
                TextSecondary = "#4a5767",
                ActionDefault = "#44546a",
                Divider = "#dde2e8",
                TableLines = "#e4e8ed",
                LinesDefault = "#dde2e8",
            },
            PaletteDark = new PaletteDark
            {
                Primary = "#7cb8f2",
                PrimaryContrastText = "#0c1a2a",
                Secondary = "#b8adf5",
                SecondaryContrastText = "#17123a",
                Info = "#7cb8f2",
                InfoContrastText = "#0c1a2a",
                Success = "#78cf9b",
                SuccessContrastText = "#06210f",
                Warning = "#f0b357",
                WarningContrastText = "#2a1a00",
                Error = "#ff9d93",
                ErrorContrastText = "#3b0906",
                Background = "#11161c",
                Surface = "#1a2129",
                DrawerBackground = "#161c23",
                DrawerText = "#e4e9ef",
                DrawerIcon = "#aab6c4",
                AppbarText = "#e4e9ef",
                TextPrimary = "#e4e9ef",
                TextSecondary = "#aab6c4",
                ActionDefault = "#c3cdd9",
                Divider = "#2c3642",
                TableLines = "#28313c",
                LinesDefault = "#2c3642",
            },
            Typography = new Typography
            {
                Default = new DefaultTypography { FontFamily = _fonts, FontSize = "0.875rem" },
                Button = new ButtonTypography { TextTransform = "none" },
            },
            LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px", AppbarHeight = "52px" },
        };
}
