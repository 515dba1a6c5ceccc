using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Store;

namespace ControlPlane.Engine.Tests.Lag;

/// <summary>One partition with its producer and its consumer, second by second, seen as the product sees it: polls each 10 s, commits as they come.</summary>
/// <param name="isWindowAlone">Judged as offline: by the last commits and polls, without the times of polls and without what the store learned.</param>
/// <param name="isPolled">Commits are not seen as they come: each 15 s a poll shows where the group is.</param>
internal sealed class DayOfTraffic(Habit habit, int seed, bool isWindowAlone = false, bool isPolled = false)
{
    private const int PollGroupsEvery = 15;

    private const int PollEvery = 10;
    private const int Epoch = 1_000_000; // seconds

    private readonly Random _random = new(seed);
    private readonly EndOffsetStore _ends = new();
    private readonly LagSnapshot _snapshot = new();
    private LagShard? _shard;
    private double _written;
    private long _order;
    private long _commits;
    private long _polled = -1;

    public long End => (long)_written;

    /// <summary>Runs a number of seconds and gives every verdict to the caller, with the second it was made in.</summary>
    /// <param name="seconds">How many.</param>
    /// <param name="judge">Takes our verdicts.</param>
    /// <param name="burrow">Takes what Burrow's rules say of the same windows.</param>
    public void Run(int seconds, Action<int, LagVerdict> judge, Action<LagVerdict>? burrow = null)
    {
        _shard ??= new LagShard(new LagStoreOptions(), _ends);
        var topic = _ends.IdOf("t");
        for (var second = 0; second < seconds; second++)
        {
            _written += habit.Produced(second, _random);
            var commit = habit.Commit(second, End, _random);
            _commits += commit is null ? 0 : 1;
            if (isPolled)
            {
                Poll(second);
            }
            else if (commit is { } offset)
            {
                var now = Milliseconds(second) + _random.Next(500);
                _shard.Commit("g", "t", 0, new CommitPoint(Math.Min(offset, End), now, _order++, now + 40));
            }

            if (second % PollEvery == seed % PollEvery)
            {
                _ends.Add(topic, 0, End, Milliseconds(second) + 900, 0);
                if (_shard.TryRead("g", _snapshot))
                {
                    judge(second, DefaultRules.Judge(Window(Milliseconds(second) + 950), LagPolicy.Usual));
                    burrow?.Invoke(BurrowRules.Judge(_snapshot.BurrowWindow(0, Milliseconds(second) + 950)));
                }
            }
        }
    }

    /// <summary>As <see cref="ControlPlane.Engine.Lag.Judging.PolledFeed"/> does: an offset that moved counts as committed now.</summary>
    private void Poll(int second)
    {
        if (second % PollGroupsEvery == seed % PollGroupsEvery && _commits > 0 && habit.Committed != _polled)
        {
            _polled = habit.Committed;
            var now = Milliseconds(second) + 500;
            _shard!.Commit("g", "t", 0, new CommitPoint(Math.Min(_polled, End), now, now, now));
        }
    }

    private CommitWindow Window(long now)
    {
        var all = _snapshot.BurrowWindow(0, now);
        return !isWindowAlone ? _snapshot.Window(0, now) : new CommitWindow
        {
            Offsets = all.Offsets,
            Times = all.Times,
            Lags = all.Lags,
            EndOffsets = all.EndOffsets,
            Slots = all.Slots,
            Now = now,
            CurrentLag = all.CurrentLag,
        };
    }

    private static long Milliseconds(int second) => (Epoch + second) * 1000L;
}

/// <summary>How one partition is written and read. <see cref="StopAt"/> makes its consumer die.</summary>
internal abstract class Habit
{
    public int StopAt { get; init; } = int.MaxValue;

    public long Committed { get; private set; }

    public abstract double Produced(int second, Random random);

    public long? Commit(int second, long end, Random random)
    {
        var offset = second >= StopAt ? null : Offset(second, end, random);
        Committed = offset ?? Committed;
        return offset;
    }

    protected abstract long? Offset(int second, long end, Random random);
}

/// <summary>Reads all the time and commits every so often; deploys now and then, which takes half a minute.</summary>
internal sealed class Steady(int period, double rate, int seed) : Habit
{
    private const int DeployEvery = 21_600;
    private const int DeployTime = 30;

    /// <summary>A wave over the day, with noise on it.</summary>
    public override double Produced(int second, Random random) =>
        rate * (1 + (0.8 * Math.Sin(second / 86_400.0 * 2 * Math.PI))) * (0.5 + random.NextDouble());

    protected override long? Offset(int second, long end, Random random) =>
        (second + seed) % DeployEvery < DeployTime || (second + seed) % period != 0 ? null : Math.Max(Committed, end - (long)(random.NextDouble() * rate * 2));
}

/// <summary>Comes once an hour, give or take, and reads all there is: with one commit, or with many on the way.</summary>
internal sealed class Batch(int commits) : Habit
{
    private const int Hour = 3600;
    private int _start;
    private int _left;
    private long _from;
    private long _to;

    public override double Produced(int second, Random random) => 20 * (0.5 + random.NextDouble());

    protected override long? Offset(int second, long end, Random random)
    {
        _start = second == 0 ? random.Next(600, Hour) : _start;
        if (_left == 0 && second >= _start)
        {
            (_left, _from, _to) = (commits, Committed, end);
        }

        if (_left == 0 || second % 5 != 0)
        {
            return null;
        }

        _left--;
        _start = second + Hour + random.Next(-300, 300);
        return _left == 0 ? end : _from + ((_to - _from) * (commits - _left) / commits);
    }
}

/// <summary>A message now and then, committed soon after; nothing is committed when there is nothing new.</summary>
internal sealed class LowTraffic : Habit
{
    private int _due = -1;

    public override double Produced(int second, Random random) => random.NextDouble() < 1 / 1200.0 ? random.Next(1, 4) : 0;

    protected override long? Offset(int second, long end, Random random)
    {
        if (_due < 0 && end > Committed)
        {
            _due = second + random.Next(1, 5);
        }

        if (_due < 0 || second < _due)
        {
            return null;
        }

        _due = -1;
        return end;
    }
}

/// <summary>Transactions: each ends with a marker that the consumer does not commit past.</summary>
internal sealed class Transactional : Habit
{
    public override double Produced(int second, Random random) => second % 30 == 0 ? random.Next(5, 50) + 1 : 0;

    protected override long? Offset(int second, long end, Random random) => second % 5 == 2 ? end - 1 : null;
}

/// <summary>Nothing is written; the client commits the same offset all day.</summary>
internal sealed class Idle : Habit
{
    public override double Produced(int second, Random random) => second == 0 ? 5000 : 0;

    protected override long? Offset(int second, long end, Random random) => second % 5 == 0 ? end : null;
}

/// <summary>A hundred thousand messages at once each half hour, which take minutes to read.</summary>
internal sealed class Bursts : Habit
{
    public override double Produced(int second, Random random) => (second % 1800 == 60 ? 100_000 : 0) + (2 * random.NextDouble());

    protected override long? Offset(int second, long end, Random random) => second % 5 == 0 ? Math.Min(end, Committed + 1500) : null;
}

/// <summary>Keeps up, but never reaches the end: its lag goes up and down by half around so many seconds of production, as it does where records are fetched or worked on in lumps.</summary>
internal sealed class Swaying(double seconds, int period) : Habit
{
    private const double Rate = 50;

    /// <summary>From then on it reads four fifths of what is written.</summary>
    public int SlowFrom { get; init; } = int.MaxValue;

    public override double Produced(int second, Random random) => Rate * (0.9 + (0.2 * random.NextDouble()));

    protected override long? Offset(int second, long end, Random random) => second % 5 != 0 ? null
        : Math.Max(Committed, end - (long)(Rate * seconds * (1 + (0.5 * Math.Sin(2 * Math.PI * second / period)))) - (long)Math.Max(0, (second - SlowFrom) * Rate / 5));
}

/// <summary>Reads four fifths of what is written, and commits twice as often as end offsets are polled.</summary>
internal sealed class TooSlow : Habit
{
    public override double Produced(int second, Random random) => 100 * (0.8 + (0.4 * random.NextDouble()));

    protected override long? Offset(int second, long end, Random random) => second % 5 == 0 ? Math.Min(end, second * 80L) : null;
}
