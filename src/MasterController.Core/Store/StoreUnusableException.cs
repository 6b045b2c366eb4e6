namespace MasterController.Core.Store;

/// <summary>
/// The store cannot be opened or read: corrupt, unreachable, or written by a newer program. Nothing was changed, and
/// nothing can be done with it until someone has looked.
/// </summary>
public sealed class StoreUnusableException(string message, Exception? inner = null) : Exception(message, inner);
