namespace MasterController.Core.Diagnostics;

/// <summary>The programs that an image is built with.</summary>
public static class ImageToolChecks
{
    /// <summary>Each with the Debian package that has it.</summary>
    private static readonly (string Program, string Package)[] Needed =
    [
        ("apt-get", "apt"),
        ("dpkg-deb", "dpkg"),
        ("mke2fs", "e2fsprogs"),
    ];

    /// <param name="isThere">Whether a program can be found.</param>
    public static IReadOnlyList<Finding> Check(Predicate<string> isThere)
    {
        var missing = Needed.Where(n => !isThere(n.Program)).ToArray();
        return
        [
            missing.Length == 0
                ? Finding.Pass("image-tools", "apt-get, dpkg-deb and mke2fs are there to build images with")
                : Finding.Warn(
                    "image-tools",
                    $"images cannot be built without {string.Join(", ", missing.Select(m => m.Program))}",
                    $"apt-get install {string.Join(' ', missing.Select(m => m.Package))}"
                ),
        ];
    }
}
