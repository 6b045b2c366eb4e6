using MasterController.Contracts;

namespace MasterController.Cli.Api;

internal sealed partial class ApiClient
{
    private const string AdoptionPath = "/api/v1/network/adoption";

    /// <summary>What adopting the bridge of an older controller would do; nothing is changed.</summary>
    public Task<Adoption> GetAdoptionAsync(CancellationToken cancel) =>
        GetAsync(AdoptionPath, CliJson.Wire.Adoption, cancel);

    public Task<Adoption> AdoptAsync(CancellationToken cancel) =>
        SendAsync(Call("POST", AdoptionPath, []), CliJson.Wire.Adoption, cancel);
}
