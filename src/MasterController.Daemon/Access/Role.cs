namespace MasterController.Daemon.Access;

/// <summary>What a caller may do; each role may do what those before it may.</summary>
public enum Role
{
    /// <summary>Reads.</summary>
    Viewer,

    /// <summary>Works with VMs, leases, dedicated addresses and forwards.</summary>
    Operator,

    /// <summary>Changes pools, the host network, images, keys, quotas and web hooks.</summary>
    Admin,
}

/// <summary>The least role that an endpoint asks for, as its metadata; null for everybody, without a key.</summary>
internal sealed record NeededRole(Role? Least);
