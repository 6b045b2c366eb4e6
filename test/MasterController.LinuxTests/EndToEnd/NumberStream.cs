using System.Net;
using System.Net.Sockets;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>
/// One TCP connection out of a guest, through address translation, to the far side, over which the guest sends the
/// numbers from 1 on. The far side takes them slowly, so that it lasts over whatever is changed meanwhile.
/// </summary>
internal sealed class NumberStream : IAsyncDisposable
{
    private const int Port = 5000;

    /// <summary>6.9 MB, which take two minutes at the slow pace.</summary>
    private const int Last = 1_000_000;
    private const int SlowBytes = 1024;
    private static readonly TimeSpan SlowPause = TimeSpan.FromMilliseconds(20);

    private readonly Socket _connection;
    private readonly Task _reading;
    private volatile bool _isSlow = true;
    private long _numbers;

    private NumberStream(Socket connection)
    {
        _connection = connection;
        _reading = Task.Run(ReadAsync);
    }

    public static async Task<NumberStream> StartAsync(TestHost host, Contracts.Vm vm)
    {
        using var listener = host.InInternet(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        // Little room, so that a packet comes every few moments.
        listener.ReceiveBufferSize = 8192;
        listener.Bind(new IPEndPoint(IPAddress.Parse(TestHost.FarAddress), Port));
        listener.Listen();
        host.AskGuest(vm, $"count?{TestHost.FarAddress},{Port},{Last}");
        var connection = await listener.AcceptAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(TestHost.UplinkAddress, ((IPEndPoint)connection.RemoteEndPoint!).Address.ToString());
        return new NumberStream(connection);
    }

    /// <summary>Asserts that it has lasted until now, and that all comes in order to the very end.</summary>
    public async Task IsCompleteAsync()
    {
        Assert.False(_reading.IsCompleted, $"it ended after {_numbers} numbers: {_reading.Exception?.Message}");
        var sofar = Volatile.Read(ref _numbers);
        _isSlow = false;
        await _reading.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(Last, _numbers);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"TCP through translation: {sofar} numbers during it, {_numbers} of {Last} in order, no reset"
        );
    }

    public async ValueTask DisposeAsync()
    {
        _connection.Dispose();
        await _reading.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    /// <summary>To the orderly end; a reset is an exception.</summary>
    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        var number = 0L;
        while (true)
        {
            var room = _isSlow ? buffer.AsMemory(0, SlowBytes) : buffer;
            var read = await _connection.ReceiveAsync(room);
            if (read == 0)
                return;
            foreach (var digit in buffer.AsSpan(0, read))
            {
                if (digit != '\n')
                {
                    number = number * 10 + (digit - '0');
                    continue;
                }
                if (number != _numbers + 1)
                    throw new InvalidDataException($"{number} came after {_numbers}");
                Volatile.Write(ref _numbers, number);
                number = 0;
            }
            if (_isSlow)
                await Task.Delay(SlowPause);
        }
    }
}
