using System.Text;

namespace ControlPlane.Cli.Lag;

/// <summary>The console as bytes, for data that is no conversation; texts where the console has nothing else.</summary>
internal sealed class CliStreams : IDisposable
{
    private readonly CliConsole _console;
    private readonly MemoryStream? _written;

    public CliStreams(CliConsole console)
    {
        _console = console;
        In = console.OpenIn?.Invoke() ?? new MemoryStream(Encoding.UTF8.GetBytes(console.In.ReadToEnd()));
        Out = console.OpenOut?.Invoke() ?? (_written = new MemoryStream());
    }

    public Stream In { get; }

    public Stream Out { get; }

    public void Dispose()
    {
        if (_written is not null)
        {
            _console.Out.Write(Encoding.UTF8.GetString(_written.GetBuffer().AsSpan(0, (int)_written.Length)));
        }

        In.Dispose();
        Out.Dispose();
    }
}
