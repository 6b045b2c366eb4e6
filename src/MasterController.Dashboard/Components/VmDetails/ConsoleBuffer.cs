using System.Text;

namespace MasterController.Dashboard.Components.VmDetails;

/// <summary>What a guest wrote since it was last shown. What nobody looks at for long loses its beginning.</summary>
internal sealed class ConsoleBuffer
{
    /// <summary>More than the browser keeps of ordinary lines.</summary>
    private const int Most = 1_000_000;

    private readonly Lock _lock = new();
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _text = new();

    /// <summary>Bytes as they come; a character may be cut in two.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            var chars = new char[_decoder.GetCharCount(bytes, flush: false)];
            _text.Append(chars, 0, _decoder.GetChars(bytes, chars, flush: false));
            if (_text.Length > Most)
                _text.Remove(0, _text.Length - Most);
        }
    }

    /// <summary>Null where there is nothing new.</summary>
    public string? Take()
    {
        lock (_lock)
        {
            if (_text.Length == 0)
                return null;
            var text = _text.ToString();
            _text.Clear();
            return text;
        }
    }
}
