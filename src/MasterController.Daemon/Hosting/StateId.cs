using System.Security.Cryptography;

namespace MasterController.Daemon.Hosting;

/// <summary>
/// A random name of a state directory, in the file "id" in it. VM processes carry it, so that a controller finds its own
/// and no other's, also where two state directories have the same path in different mount namespaces.
/// </summary>
internal static class StateId
{
    private const int Digits = 32;
    private const int DigitsInNames = 8;

    /// <summary>A group of its own for each state, so that a controller can remove what is left in it.</summary>
    public static string CgroupOf(string stateId) => $"master-controller-{stateId[..DigitsInNames]}";

    /// <exception cref="StartupException">The file is there and is not one of ours.</exception>
    public static string ReadOrCreate(string stateDirectory)
    {
        var path = Path.Combine(stateDirectory, "id");
        if (!File.Exists(path))
        {
            var beside = $"{path}.new";
            File.WriteAllText(beside, RandomNumberGenerator.GetHexString(Digits, lowercase: true));
            File.Move(beside, path);
        }
        var id = File.ReadAllText(path).Trim();
        return id.Length == Digits && id.All(char.IsAsciiHexDigitLower)
            ? id
            : throw new StartupException($"{path} does not hold {Digits} hex digits; restore it, or VMs are not found");
    }
}
