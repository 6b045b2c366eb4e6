namespace MasterController.Core.Recovery;

/// <summary>The controller cannot start; the message is for the operator, and nothing was changed.</summary>
public sealed class RecoveryException(string message) : Exception(message);
