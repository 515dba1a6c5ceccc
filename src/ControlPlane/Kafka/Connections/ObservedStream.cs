namespace ControlPlane.Kafka.Connections;

/// <summary>Counts the bytes on the wire and remembers the first ones received: they tell who is at the other end when TLS fails.</summary>
internal sealed class ObservedStream(Stream inner, NetworkCounters counters) : Stream
{
    private const int Remembered = 8;

    private readonly byte[] _first = new byte[Remembered];
    private int _firstCount;

    public ReadOnlySpan<byte> FirstReceived => _first.AsSpan(0, _firstCount);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        if (_firstCount < Remembered && count > 0)
        {
            var take = Math.Min(Remembered - _firstCount, count);
            buffer.Span[..take].CopyTo(_first.AsSpan(_firstCount));
            _firstCount += take;
        }

        counters.Received(count);
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await inner.WriteAsync(buffer, cancellationToken);
        counters.Sent(buffer.Length);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous");

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
