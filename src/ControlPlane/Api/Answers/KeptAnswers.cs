using System.Collections.Concurrent;
using System.IO.Compression;

namespace ControlPlane.Api.Answers;

/// <summary>What was answered from one picture, kept as bytes as long as the picture lives: many readers ask the same of it.</summary>
internal sealed class KeptAnswers
{
    /// <summary>Further questions are answered without being kept: a reader that asks everything must not fill the memory.</summary>
    private const int MaxAnswers = 64;

    private readonly ConcurrentDictionary<string, Kept> _answers = new(StringComparer.Ordinal);

    /// <summary>Made once, also where many ask at the same moment; the others wait without holding a thread.</summary>
    /// <param name="question">Path and query.</param>
    /// <param name="tag">An answer with another tag is replaced.</param>
    /// <param name="make">Serialises the answer.</param>
    public async ValueTask<KeptBody> GetAsync(string question, string tag, Func<byte[]> make)
    {
        if (_answers.TryGetValue(question, out var kept) && kept.Tag == tag)
        {
            return await kept.Body;
        }

        var own = new Kept(tag, new Task<KeptBody>(() => new KeptBody(make()), TaskCreationOptions.RunContinuationsAsynchronously));
        var isFirst = kept is null ? _answers.Count < MaxAnswers && _answers.TryAdd(question, own) : _answers.TryUpdate(question, own, kept);
        if (!isFirst && _answers.TryGetValue(question, out var other) && other.Tag == tag)
        {
            return await other.Body;
        }

        own.Body.RunSynchronously(TaskScheduler.Default);
        if (own.Body.IsFaulted)
        {
            _answers.TryRemove(new KeyValuePair<string, Kept>(question, own));
        }

        return await own.Body;
    }

    private sealed record Kept(string Tag, Task<KeptBody> Body);
}

/// <summary>A serialised answer, and the same compressed once somebody asks for that.</summary>
internal sealed class KeptBody(byte[] plain)
{
    private const int WorthCompressing = 1024;
    private const int Fastest = 1;
    private const int Window = 22;

    private readonly Lazy<ReadOnlyMemory<byte>> _brotli = new(() => Compress(plain));

    public ReadOnlyMemory<byte> Plain => plain;

    public bool IsWorthCompressing => plain.Length >= WorthCompressing;

    public ReadOnlyMemory<byte> Brotli => _brotli.Value;

    private static ReadOnlyMemory<byte> Compress(byte[] plain)
    {
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        return BrotliEncoder.TryCompress(plain, packed, out var length, Fastest, Window)
            ? packed.AsSpan(0, length).ToArray() // what is kept should not hold the room that compression asked for
            : throw new InvalidOperationException("Brotli needs more room than it said.");
    }
}
