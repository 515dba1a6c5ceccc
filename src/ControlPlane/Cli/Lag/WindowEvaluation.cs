using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ControlPlane.Engine.Lag;

namespace ControlPlane.Cli.Lag;

/// <summary>Windows in, verdicts out, a line each and in the same order; refused lines are named on stderr and have no verdict.</summary>
internal sealed class WindowEvaluation(LagMode mode, TextWriter errors)
{
    private const int FlushAt = 1 << 16;
    private const int MostTold = 100;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _buffer = new(FlushAt * 2);
    private readonly WindowLine _window = new();

    /// <summary>Lines that were not empty.</summary>
    public long Lines { get; private set; }

    public long Refused { get; private set; }

    public PartitionLagStatus Worst { get; private set; } = PartitionLagStatus.Ok;

    public void Run(Stream input, Stream output, CancellationToken cancellation)
    {
        using var json = new Utf8JsonWriter(_buffer, Options);
        using var lines = new InputLines(input, () => Flush(output));
        for (long number = 1; lines.Next(out var line); number++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (line is { } text && IsBlank(text.Span, number))
            {
                continue;
            }

            Lines++;
            if (TryRead(line, number))
            {
                Write(json);
            }

            if (_buffer.WrittenCount >= FlushAt)
            {
                Flush(output);
            }
        }

        Flush(output);
    }

    private static bool IsBlank(ReadOnlySpan<byte> line, long number) => WithoutMark(line, number).Trim(" \t\r"u8).IsEmpty;

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> line, long number) => number == 1 && line.StartsWith("\uFEFF"u8) ? line[3..] : line;

    private bool TryRead(ReadOnlyMemory<byte>? line, long number)
    {
        try
        {
            _window.Read(WithoutMark((line ?? throw new LineRefusal($"it is longer than {InputLines.MostBytes >> 20} MiB", "one window a line")).Span, number));
            return true;
        }
        catch (LineRefusal refusal)
        {
            Refuse(number, refusal.Message, refusal.Expected);
        }
        catch (JsonException broken)
        {
            Refuse(number, string.Create(CultureInfo.InvariantCulture, $"it is no JSON, from byte {(broken.BytePositionInLine ?? 0) + 1} on"), "one whole JSON object a line");
        }
        catch (InvalidOperationException)
        {
            Refuse(number, "a text of it is no UTF-8", "one JSON object a line, in UTF-8");
        }

        return false;
    }

    private void Refuse(long number, string what, string expected)
    {
        Refused++;
        if (Refused <= MostTold)
        {
            errors.WriteLine(string.Create(CultureInfo.InvariantCulture, $"line {number}: {what}; expected: {expected}"));
        }
        else if (Refused == MostTold + 1)
        {
            errors.WriteLine("More refused lines are counted, not named.");
        }
    }

    private void Write(Utf8JsonWriter json)
    {
        var window = _window.Window;
        var verdict = mode == LagMode.Burrow
            ? BurrowRules.Judge(window, _window.AllowedLag ?? 0, _window.MinimumComplete)
            : DefaultRules.Judge(window, LagPolicy.Of(_window.AllowedLag, _window.MinimumComplete));
        Worst = verdict.Status > Worst ? verdict.Status : Worst;
        json.WriteStartObject();
        json.WriteString("group"u8, _window.Group);
        json.WriteString("topic"u8, _window.Topic);
        json.WriteNumber("partition"u8, _window.Partition);
        json.WriteString("status"u8, LagSentences.WordOf(verdict.Status));
        json.WritePropertyName("complete"u8);
        WriteShare(json, verdict.Complete);
        json.WriteString("reason"u8, LagSentences.CodeOf(verdict.Reason));
        json.WriteString("sentence"u8, LagSentences.Of(verdict));
        json.WriteEndObject();
        json.Flush();
        json.Reset();
        _buffer.Write("\n"u8);
    }

    /// <summary>With a decimal point, so that readers with types take it for what it is.</summary>
    private static void WriteShare(Utf8JsonWriter json, float share)
    {
        switch (share)
        {
            case 1:
                json.WriteRawValue("1.0"u8, skipInputValidation: true);
                break;
            case 0:
                json.WriteRawValue("0.0"u8, skipInputValidation: true);
                break;
            default:
                json.WriteNumberValue(share);
                break;
        }
    }

    private void Flush(Stream output)
    {
        output.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
        output.Flush();
    }
}
