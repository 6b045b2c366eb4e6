using MasterController.Core.Images;

namespace MasterController.Core.Diagnostics;

/// <summary>Whether guests of the images that are there understand what they are told.</summary>
public static class ImageChecks
{
    public static IReadOnlyList<Finding> Check(IReadOnlyList<ImageInfo> images)
    {
        if (images.Count == 0)
            return [Finding.Skip("images", "no image has been built yet")];
        var outdated = images.Where(image => image.IsOutdated).Select(image => image.Name).ToArray();
        return
        [
            outdated.Length == 0
                ? Finding.Pass("images", "guests of all images understand what this controller tells them")
                : Finding.Warn(
                    "images",
                    $"guests of {string.Join(", ", outdated)} do not configure IPv6: built by a former version of this controller",
                    $"{string.Join("; ", outdated.Select(name => $"mctl image build {name}"))}; VMs have it from their next start on"
                ),
        ];
    }
}
