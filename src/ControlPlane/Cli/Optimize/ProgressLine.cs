using System.Globalization;
using ControlPlane.Cli.Output;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Cli.Optimize;

/// <summary>Where the search is, on one line of a terminal that is written over.</summary>
internal sealed class ProgressLine(TextWriter error, TimeProvider time) : IProgress<OptimizerProgress>
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private string? _phase;
    private long _at;
    private int _width;

    public void Report(OptimizerProgress value)
    {
        lock (_gate)
        {
            if (value.Phase == _phase && time.GetElapsedTime(_at) < Pause)
            {
                return;
            }

            (_phase, _at) = (value.Phase, time.GetTimestamp());
            Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{value.Phase}, round {value.Round}: {value.BrokersOutside} brokers outside their bands, {value.Moves} moves, {Units.Size(value.Bytes)}"));
        }
    }

    /// <summary>Leaves an empty line for the answer.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            if (_width > 0)
            {
                Write("");
                error.Write('\r');
            }
        }
    }

    private void Write(string text)
    {
        error.Write('\r' + text.PadRight(_width));
        error.Flush();
        _width = text.Length;
    }
}
