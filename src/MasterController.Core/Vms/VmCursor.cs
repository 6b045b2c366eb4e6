using System.Globalization;

namespace MasterController.Core.Vms;

/// <summary>Where a page of VMs ended: time of creation and id, so that it holds although VMs come and go.</summary>
internal static class VmCursor
{
    public static string Format(VmRecord vm) =>
        string.Create(CultureInfo.InvariantCulture, $"{vm.CreatedAt.UtcTicks:x}.{vm.Id}");

    /// <summary>Null for no cursor.</summary>
    /// <exception cref="FormatException">The text is no cursor of ours.</exception>
    public static (DateTimeOffset CreatedAt, string Id)? Parse(string? cursor)
    {
        if (cursor is null)
            return null;
        var dot = cursor.IndexOf('.');
        if (
            dot < 0
            || !long.TryParse(
                cursor.AsSpan(0, dot),
                NumberStyles.HexNumber,
                CultureInfo.InvariantCulture,
                out var ticks
            )
            || ticks < 0
            || ticks > DateTimeOffset.MaxValue.UtcTicks
        )
        {
            throw new FormatException($"\"{cursor}\" is not a cursor");
        }
        return (new DateTimeOffset(ticks, TimeSpan.Zero), cursor[(dot + 1)..]);
    }
}
