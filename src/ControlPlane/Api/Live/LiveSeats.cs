using System.Collections.Concurrent;
using ControlPlane.Api.Access;
using ControlPlane.Api.Problems;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Live;

/// <summary>How many live connections are open, in all and by caller; a connection too many is refused.</summary>
internal sealed class LiveSeats(ApiMeter meter, IOptions<ApiOptions> options)
{
    private readonly ConcurrentDictionary<string, int> _perCaller = new(StringComparer.Ordinal);
    private int _open;

    /// <summary>A seat until disposed. Throws the problem to answer where there is none.</summary>
    public IDisposable Take(Caller caller)
    {
        var key = $"{caller.Kind} {caller.Name}";
        var own = _perCaller.AddOrUpdate(key, 1, static (_, count) => count + 1);
        var seat = new Seat(this, key);
        if (Interlocked.Increment(ref _open) > options.Value.MaxLiveConnections)
        {
            seat.Dispose();
            throw new ProblemException(ApiProblems.TooManyStreams($"This process serves {options.Value.MaxLiveConnections} live connections, its limit."));
        }

        if (own > options.Value.MaxLiveConnectionsPerCaller)
        {
            seat.Dispose();
            throw new ProblemException(ApiProblems.TooManyStreams($"'{caller.Name}' has {options.Value.MaxLiveConnectionsPerCaller} live connections open, the limit."));
        }

        meter.LiveConnections(_open);
        return seat;
    }

    private void Leave(string key)
    {
        meter.LiveConnections(Interlocked.Decrement(ref _open));
        var left = _perCaller.AddOrUpdate(key, 0, static (_, count) => count - 1);
        if (left == 0)
        {
            _perCaller.TryRemove(new KeyValuePair<string, int>(key, 0));
        }
    }

    private sealed class Seat(LiveSeats seats, string key) : IDisposable
    {
        public void Dispose() => seats.Leave(key);
    }
}
