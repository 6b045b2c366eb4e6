using System.Text;
using MasterController.Dashboard.Components.VmDetails;
using Xunit;

namespace MasterController.DashboardTests.VmDetails;

public class ConsoleBufferTests
{
    private readonly ConsoleBuffer _buffer = new();

    [Fact]
    public void What_came_is_taken_once()
    {
        Assert.Null(_buffer.Take());
        _buffer.Add("one "u8);
        _buffer.Add("two"u8);
        Assert.Equal("one two", _buffer.Take());
        Assert.Null(_buffer.Take());
    }

    [Fact]
    public void A_character_may_be_cut_in_two()
    {
        var bytes = Encoding.UTF8.GetBytes("ä€");
        _buffer.Add(bytes.AsSpan(0, 3));
        Assert.Equal("ä", _buffer.Take());
        _buffer.Add(bytes.AsSpan(3));
        Assert.Equal("€", _buffer.Take());
    }

    [Fact]
    public void What_nobody_looks_at_loses_its_beginning()
    {
        _buffer.Add("beginning"u8);
        _buffer.Add(
            new byte[1_000_000]
                .Select(_ => (byte)'x')
                .ToArray()
        );
        Assert.Equal(new string('x', 1_000_000), _buffer.Take());
    }
}
