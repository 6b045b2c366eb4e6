using MasterController.Tests;
using MasterController.Tests.Store;
using Xunit.MicrosoftTestingPlatform;

// Tests that kill a process need one of their own: the same executable, told so by its environment.
return Environment.GetEnvironmentVariable(CrashChild.PathVariable) is { } path
    ? await CrashChild.RunAsync(path)
    : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
