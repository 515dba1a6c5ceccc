using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>One JSON object a line.</summary>
internal sealed class LineWriter(Stream stream) : IDisposable
{
    private const int FlushAt = 1 << 16;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _buffer = new(FlushAt * 2);
    private Utf8JsonWriter? _json;

    public Utf8JsonWriter Json => _json ??= new Utf8JsonWriter(_buffer, Options);

    public Utf8JsonWriter Begin(string? type)
    {
        Json.WriteStartObject();
        if (type is not null)
        {
            Json.WriteString("type", type);
        }

        return Json;
    }

    public void End()
    {
        Json.WriteEndObject();
        Json.Flush();
        _buffer.Write("\n"u8);
        Json.Reset();
        if (_buffer.WrittenCount >= FlushAt)
        {
            Flush();
        }
    }

    /// <summary>Null where it is not known; the shortest text that reads back as the same number.</summary>
    public void Amount(string name, double value)
    {
        if (double.IsNaN(value))
        {
            Json.WriteNull(name);
        }
        else
        {
            Json.WriteNumber(name, value);
        }
    }

    public void Dispose()
    {
        Flush();
        _json?.Dispose();
    }

    private void Flush()
    {
        stream.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }
}
