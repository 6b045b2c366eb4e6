using System.Collections.Concurrent;
using MasterController.Linux.Addresses;
using MasterController.Linux.Namespaces;
using MasterController.Linux.Netlink;
using MasterController.Linux.Processes;

namespace MasterController.Core.HostNetwork;

/// <summary>
/// The one thread that talks to the kernel about the network, in the namespace it was given. Work that waits is taken
/// together: attachments that are asked for at the same time share their netlink sends.
/// </summary>
internal sealed class NetworkThread : IAsyncDisposable
{
    private const int MostPerBatch = 256;

    private readonly BlockingCollection<Item> _queue = [];
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NetworkThread() { }

    /// <summary>As the kernel knows it.</summary>
    internal int Id { get; private set; }

    internal static async Task<NetworkThread> StartAsync(string? namespacePath, string name = "host-network")
    {
        var result = new NetworkThread();
        // A task that is run by its own thread hands over whatever it throws.
        var loop = new Task(() => result.Run(namespacePath));
        new Thread(() => loop.RunSynchronously(TaskScheduler.Default)) { IsBackground = true, Name = name }.Start();
        await await Task.WhenAny(result._started.Task, loop);
        return result;
    }

    /// <summary>Runs one piece of work alone, after all that was queued before it.</summary>
    internal Task<T> RunAsync<T>(Func<HostNetworkKernel, T> work, CancellationToken cancellationToken)
    {
        var item = new Single<T>(work, cancellationToken);
        Add(item);
        return item.Task;
    }

    /// <summary>Runs work of one kind on one address, together with others of that kind that wait.</summary>
    internal Task RunBatchedAsync(BatchedWork work, Attachment attachment, CancellationToken cancellationToken)
    {
        var item = new Batched(work, attachment, cancellationToken);
        Add(item);
        return item.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        await _ended.Task;
        _queue.Dispose();
    }

    private void Add(Item item)
    {
        try
        {
            _queue.Add(item, CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(NetworkThread));
        }
    }

    private void Run(string? namespacePath)
    {
        if (namespacePath is not null)
        {
            using var space = NetworkNamespace.Open(namespacePath);
            space.EnterWithThisThread();
        }
        Id = KernelThread.CurrentId;
        using (var kernel = new HostNetworkKernel())
        {
            _started.SetResult();
            foreach (var first in _queue.GetConsumingEnumerable())
            {
                List<Item> waiting = [first];
                while (_queue.TryTake(out var more))
                    waiting.Add(more);
                while (waiting.Count > 0)
                    RunSome(kernel, waiting);
            }
        }
        _ended.SetResult();
    }

    // One round: the first item, with all of its kind that no earlier item on the same address, and no work that has to
    // run alone, stands before. What is asked for one address happens in the order in which it was asked.
    private static void RunSome(HostNetworkKernel kernel, List<Item> waiting)
    {
        if (waiting[0] is not Batched head)
        {
            waiting[0].Run(kernel);
            waiting.RemoveAt(0);
            return;
        }
        var batch = new List<Batched>();
        var rest = new List<Item>();
        var seen = new HashSet<Ipv4Address>();
        var barrier = false;
        foreach (var item in waiting)
        {
            barrier |= item is not Batched;
            var isNext = item is Batched next && seen.Add(next.Attachment.Address) && next.Work == head.Work;
            if (isNext && !barrier && batch.Count < MostPerBatch)
                batch.Add((Batched)item);
            else
                rest.Add(item);
        }
        waiting.Clear();
        waiting.AddRange(rest);
        Batched.Run(kernel, batch);
    }

    /// <summary>Gives each attachment's failure, or null.</summary>
    internal delegate Exception?[] BatchedWork(HostNetworkKernel kernel, IReadOnlyList<Attachment> attachments);

    private abstract class Item
    {
        internal abstract void Run(HostNetworkKernel kernel);

        // Without an errno of one request, netlink's answers can no longer be told apart.
        protected static void Recover(HostNetworkKernel kernel, Exception? failure)
        {
            if (
                failure
                is NetlinkException { Error: null }
                    or HostNetworkException { InnerException: NetlinkException { Error: null } }
            )
                kernel.ReopenNetlink();
        }
    }

    private sealed class Single<T>(Func<HostNetworkKernel, T> work, CancellationToken cancellationToken) : Item
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<T> Task => _done.Task;

        internal override void Run(HostNetworkKernel kernel)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                _done.SetCanceled(cancellationToken);
                return;
            }
            var task = new Task<T>(() => work(kernel));
            task.RunSynchronously(TaskScheduler.Default);
            Recover(kernel, task.Exception?.InnerException);
            _done.SetFromTask(task);
        }
    }

    private sealed class Batched(BatchedWork work, Attachment attachment, CancellationToken cancellationToken) : Item
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal BatchedWork Work { get; } = work;

        internal Attachment Attachment { get; } = attachment;

        internal Task Task => _done.Task;

        internal override void Run(HostNetworkKernel kernel) => Run(kernel, [this]);

        internal static void Run(HostNetworkKernel kernel, List<Batched> batch)
        {
            batch.RemoveAll(item => item.IsCanceled());
            if (batch.Count == 0)
                return;
            var work = new Task<Exception?[]>(() => batch[0].Work(kernel, batch.ConvertAll(item => item.Attachment)));
            work.RunSynchronously(TaskScheduler.Default);
            Recover(kernel, work.Exception?.InnerException);
            for (var i = 0; i < batch.Count; i++)
                batch[i].Complete(work.Exception?.InnerException ?? work.GetAwaiter().GetResult()[i]);
        }

        private bool IsCanceled()
        {
            if (!cancellationToken.IsCancellationRequested)
                return false;
            _done.SetCanceled(cancellationToken);
            return true;
        }

        private void Complete(Exception? failure)
        {
            if (failure is null)
                _done.SetResult();
            else
                _done.SetException(failure);
        }
    }
}
