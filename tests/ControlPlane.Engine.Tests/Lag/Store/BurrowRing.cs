namespace ControlPlane.Engine.Tests.Lag.Store;

/// <summary>Burrow's ring of commits as it is described, slot by slot and slowly: the judge of ours.</summary>
internal sealed class BurrowRing(int slots, long minDistance)
{
    private readonly Commit?[] _ring = new Commit?[slots];
    private int _next; // the oldest slot, or the next to write

    public IEnumerable<(long Offset, long Time, long Lag)> Commits =>
        Enumerable.Range(0, slots).Select(i => _ring[(_next + i) % slots]).OfType<Commit>().Select(commit => (commit.Offset, commit.Time, commit.Lag));

    public void Add(long offset, long time, long order, long lag)
    {
        if (Find(order) is not { } place)
        {
            return;
        }

        var (slot, extends) = place;
        var isAppend = extends && slot == _next;
        var at = isAppend || (extends && slot != _next) ? slot : place.Slot;
        var before = _ring[(at - 1 + slots) % slots];
        if (before is not null && before.Order < order && time - before.Time < minDistance)
        {
            _ring[(at - 1 + slots) % slots] = new Commit(offset, before.Time, order, isAppend ? lag : -1);
            return;
        }

        if (extends)
        {
            for (var to = _next; to != slot; to = (to - 1 + slots) % slots)
            {
                _ring[to] = _ring[(to - 1 + slots) % slots];
            }
        }

        _ring[slot] = new Commit(offset, time, order, isAppend ? lag : -1);
        _next = extends ? (_next + 1) % slots : _next;
    }

    /// <summary>Where a commit goes, and whether the ring moves on; null where it is dropped.</summary>
    private (int Slot, bool Extends)? Find(long order)
    {
        var newest = _ring[(_next - 1 + slots) % slots];
        if (newest is null || (_ring[_next] is null && newest.Order < order))
        {
            return (_next, true);
        }

        if (_ring[_next] is { } oldest && oldest.Order >= order)
        {
            return null;
        }

        if (newest.Order < order)
        {
            return (_next, true);
        }

        for (var slot = _next; ; slot = (slot - 1 + slots) % slots)
        {
            var previous = (slot - 1 + slots) % slots;
            if (_ring[previous] is not { } commit || previous == _next)
            {
                return (previous, false);
            }

            if (commit.Order < order)
            {
                return (slot, true);
            }

            if (commit.Order == order)
            {
                return null;
            }
        }
    }

    private sealed record Commit(long Offset, long Time, long Order, long Lag);
}
