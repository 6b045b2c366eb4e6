namespace MasterController.Core.PoolChanges;

/// <summary>A change that was begun cannot go on; it is taken back, and the message says why.</summary>
public sealed class PoolChangeFailedException(string message) : Exception(message);
