using ControlPlane.Engine.Lag.Spread;
using ControlPlane.Engine.Model;

namespace ControlPlane.Clusters;

/// <summary>Has other processes of this installation read shares of one cluster's offsets topic, for its owner.</summary>
internal interface IOffsetsHiring
{
    /// <summary>Into how many shares the topic is cut; the first one is the owner's.</summary>
    int Readers { get; }

    /// <summary>The clock by which the owner waits for the others, and loses patience.</summary>
    TimeProvider Time { get; }

    Task<Hiring> HireAsync(OffsetsShare share, CancellationToken cancellationToken);

    /// <summary>It reads from now on.</summary>
    void Began(HiredReader reader, OffsetsShare share);

    /// <summary>It reads no more, or never began; the owner does.</summary>
    void Ended(HiredReader reader, OffsetsShare share, string why, bool hasRead);
}

/// <summary>Finds and asks the other processes of this installation.</summary>
internal interface IOffsetsPeers
{
    /// <summary>Asks another process, a different one for each share; never throws for what it or the network does.</summary>
    Task<Hiring> HireAsync(ClusterId cluster, OffsetsShare share, CancellationToken cancellationToken);
}

/// <summary>What became of asking: a reader, or why there is none; neither where nobody is there who could.</summary>
internal readonly record struct Hiring(HiredReader? Reader, string? Refusal)
{
    public static Hiring Nobody => default;
}

/// <summary>A process that reads for us, and the stream on which it tells what it read. Let go when disposed.</summary>
internal sealed class HiredReader(string name, Stream stream, IDisposable answer) : IAsyncDisposable
{
    public string Name => name;

    public Stream Stream => stream;

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        answer.Dispose();
    }
}
