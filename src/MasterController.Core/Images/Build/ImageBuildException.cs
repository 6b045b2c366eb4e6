namespace MasterController.Core.Images.Build;

/// <summary>
/// An image cannot be built; the message says why and what to do. Finished steps are kept, so the next build goes on
/// from there.
/// </summary>
internal sealed class ImageBuildException(string message, Exception? inner = null) : Exception(message, inner);
