using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ControlPlane.Lag.Metrics;

/// <summary>Lines of one metric in Prometheus' text format, written as bytes from the start: there may be a million of them.</summary>
internal sealed class SeriesWriter(string name)
{
    private readonly byte[] _name = Encoding.ASCII.GetBytes(name);
    private byte[] _bytes = new byte[4096];
    private int _length;
    private int _labels;

    public bool IsEmpty => _length == 0;

    public byte[] ToArray() => _bytes[.._length];

    public SeriesWriter Begin()
    {
        Append(_name);
        _labels = 0;
        return this;
    }

    public SeriesWriter Label(string label, string value)
    {
        Append(_labels++ == 0 ? "{"u8 : ","u8);
        Room(label.Length + (value.Length * 6) + 3); // of three bytes at most, or escaped
        _length += Encoding.ASCII.GetBytes(label, _bytes.AsSpan(_length));
        Append("=\""u8);
        var rest = value.AsSpan();
        while (!rest.IsEmpty)
        {
            var plain = rest.IndexOfAny('\\', '"', '\n');
            plain = plain < 0 ? rest.Length : plain;
            _length += Encoding.UTF8.GetBytes(rest[..plain], _bytes.AsSpan(_length)); // halves of a pair become the replacement character
            if (plain < rest.Length)
            {
                Append(rest[plain] switch { '\\' => "\\\\"u8, '"' => "\\\""u8, _ => "\\n"u8 });
                plain++;
            }

            rest = rest[plain..];
        }

        Append("\""u8);
        return this;
    }

    public SeriesWriter Label(string label, int value) => Label(label, value.ToString(CultureInfo.InvariantCulture));

    public void End(double value)
    {
        Append(_labels > 0 ? "} "u8 : " "u8);
        Room(40);
        if (value is >= long.MinValue / 2 and <= long.MaxValue / 2 && Math.Truncate(value) == value)
        {
            Utf8Formatter.TryFormat((long)value, _bytes.AsSpan(_length), out var digits);
            _length += digits;
        }
        else
        {
            value.TryFormat(_bytes.AsSpan(_length), out var digits, "R", CultureInfo.InvariantCulture);
            _length += digits;
        }

        Append("\n"u8);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Room(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Room(int bytes)
    {
        if (_length + bytes > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_length + bytes, _bytes.Length * 2));
        }
    }
}
