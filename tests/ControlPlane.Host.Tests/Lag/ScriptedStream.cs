using ControlPlane.Engine.Lag.Memory;
using ControlPlane.Engine.Lag.Spread;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>What a reader of partitions sends, as a test says it; it never ends.</summary>
internal sealed class ScriptedStream : Stream
{
    private readonly Lock _gate = new();
    private readonly Queue<byte> _said = [];
    private TaskCompletionSource _more = New();
    private TaskCompletionSource _heard = New();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public void Begin()
    {
        var beginning = new byte[SpreadStream.BeginningSize];
        SpreadStream.Begin(beginning);
        Add(beginning);
    }

    public void Say(ReadingStatus status)
    {
        var payload = new MemoryWriter();
        status.Write(payload);
        var frame = new byte[SpreadStream.HeaderSize + payload.Written.Length];
        SpreadStream.Head(frame, FrameKind.Status, payload.Written.Length);
        payload.Written.CopyTo(frame.AsSpan(SpreadStream.HeaderSize));
        Add(frame);
    }

    /// <summary>All that was said has been read, and whoever reads waits for more.</summary>
    public Task HeardAsync()
    {
        lock (_gate)
        {
            return _heard.Task;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (_said.Count > 0)
                {
                    var read = 0;
                    while (read < buffer.Length && _said.TryDequeue(out var next))
                    {
                        buffer.Span[read++] = next;
                    }

                    return read;
                }

                (more, _) = (_more.Task, _heard.TrySetResult());
            }

            await more.WaitAsync(cancellationToken);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Add(ReadOnlySpan<byte> bytes)
    {
        TaskCompletionSource more;
        lock (_gate)
        {
            foreach (var one in bytes)
            {
                _said.Enqueue(one);
            }

            (more, _more, _heard) = (_more, New(), New());
        }

        more.SetResult();
    }
}
