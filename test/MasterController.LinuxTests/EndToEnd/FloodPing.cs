using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MasterController.LinuxTests.EndToEnd;

/// <summary>
/// Sends echo requests to several addresses from a host's namespace, so many a second to each, and keeps count of every
/// single one. Unlike ping(8) it has room for the answers of a second in which the machine does not let it run, and it
/// waits for the last ones before it counts.
/// </summary>
internal sealed class FloodPing : IAsyncDisposable
{
    private const int EchoRequest = 8;
    private const int IpHeader = 20;
    private const int Message = 8 + 8; // header, and the number of the request
    private static readonly TimeSpan LastAnswersWithin = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly IPEndPoint[] _targets;
    private readonly Answers[] _answers;
    private readonly Thread _sender;
    private readonly Thread _receiver;
    private readonly ManualResetEventSlim _stop = new();
    private readonly ushort _id = (ushort)Random.Shared.Next(1, ushort.MaxValue);
    private volatile int _sent;

    private FloodPing(Socket socket, IEnumerable<string> targets, int perSecond)
    {
        _socket = socket;
        _targets = [.. targets.Select(t => new IPEndPoint(IPAddress.Parse(t), 0))];
        _answers = [.. _targets.Select(_ => new Answers())];
        _sender = new Thread(() => Send(TimeSpan.FromSeconds(1) / perSecond)) { IsBackground = true };
        _receiver = new Thread(Receive) { IsBackground = true };
        _receiver.Start();
        _sender.Start();
    }

    public static FloodPing Start(TestHost host, IEnumerable<Contracts.Vm> vms, int perSecond = 500)
    {
        var socket = host.InHost(() => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp));
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        const int solSocket = 1;
        const int receiveBufferForce = 33; // SO_RCVBUFFORCE
        socket.SetRawSocketOption(solSocket, receiveBufferForce, BitConverter.GetBytes(8 << 20));
        socket.ReceiveTimeout = 200;
        return new FloodPing(socket, vms.Select(v => v.Address), perSecond);
    }

    /// <summary>Asserts that every request was answered, and says how many there were.</summary>
    public async Task NothingIsLostAsync(string during)
    {
        _stop.Set();
        _sender.Join();
        var waiting = Stopwatch.StartNew();
        while (_answers.Any(a => a.Count < _sent) && waiting.Elapsed < LastAnswersWithin)
            await Task.Delay(20);
        var lost = _answers.Select(a => _sent - a.Count).ToArray();
        var text =
            $"{during}: {_targets.Length} × {_sent} pings sent, {lost.Sum()} lost, "
            + $"longest time without an answer {_answers.Max(a => a.LongestGap).TotalMilliseconds:0} ms";
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        Assert.True(_sent > 0 && lost.All(l => l == 0), text);
    }

    public ValueTask DisposeAsync()
    {
        _stop.Set();
        _sender.Join();
        _socket.Dispose();
        _receiver.Join();
        _stop.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Send(TimeSpan interval)
    {
        var message = new byte[Message];
        message[0] = EchoRequest;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), _id);
        var started = Stopwatch.GetTimestamp();
        do
        {
            var number = _sent;
            BinaryPrimitives.WriteInt64BigEndian(message.AsSpan(8), number);
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), 0);
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Checksum(message));
            foreach (var target in _targets)
                _socket.SendTo(message, target);
            _sent = number + 1;
        } while (!_stop.Wait(Until(started, interval * _sent)));
    }

    private static TimeSpan Until(long started, TimeSpan due)
    {
        var left = due - Stopwatch.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Receive()
    {
        var packet = new byte[2048];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        while (true)
        {
            int length;
            try
            {
                length = _socket.ReceiveFrom(packet, ref from);
            }
            catch (SocketException timeout) when (timeout.SocketErrorCode == SocketError.TimedOut)
            {
                continue;
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                return;
            }
            var message = packet.AsSpan(IpHeader, length - IpHeader);
            var isAnswer = message[0] == 0 && BinaryPrimitives.ReadUInt16BigEndian(message[4..]) == _id;
            var target = Array.FindIndex(_targets, t => t.Address.Equals(((IPEndPoint)from).Address));
            if (isAnswer && target >= 0)
                _answers[target].Add((int)BinaryPrimitives.ReadInt64BigEndian(message[8..]));
        }
    }

    // RFC 1071
    private static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (var i = 0; i < bytes.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }

    /// <summary>Written by the receiving thread alone.</summary>
    private sealed class Answers
    {
        private readonly HashSet<int> _numbers = [];
        private long _last = Stopwatch.GetTimestamp();
        private volatile int _count;

        public int Count => _count;

        public TimeSpan LongestGap { get; private set; }

        public void Add(int number)
        {
            var gap = Stopwatch.GetElapsedTime(_last);
            _last = Stopwatch.GetTimestamp();
            if (gap > LongestGap)
                LongestGap = gap;
            if (_numbers.Add(number))
                _count++;
        }
    }
}
