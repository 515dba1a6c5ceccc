using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>How often log end offsets are asked for, by need.</summary>
/// <param name="Round">Between two rounds: so often where a group reads and records come.</param>
/// <param name="Idle">At most so long between two asks where a group reads and nothing comes.</param>
/// <param name="Unread">Between two asks where no group reads.</param>
public sealed record OffsetPace(TimeSpan Round, TimeSpan Idle, TimeSpan Unread);

/// <summary>
/// Which partitions to ask for their log end in a round: those that a group reads in every one while records come, more and more seldom while nothing
/// comes, and those that nobody reads seldom. Whatever hints at news (a commit past the known end, a log that grew, a new reader) makes a partition
/// due at once. Log starts, which only retention and people move, come along more seldom still.
/// </summary>
/// <remarks>One thread: <see cref="Next"/>, and then <see cref="Took"/> with the answer to it.</remarks>
public sealed class OffsetRhythm(OffsetPace pace)
{
    /// <summary>Answers in a row that show the same end before a partition counts as idle.</summary>
    private const int StillAfter = 3;

    /// <summary>Partitions that become due together are asked in so many parts from then on.</summary>
    private const int Phases = 8;

    /// <summary>How often log starts are asked for where the end is asked more often.</summary>
    private const long StartsEveryMs = 30_000;

    /// <summary>A coordinator that does not answer hides its groups for a while; they read all the same.</summary>
    private const long ReadsForMs = 5 * 60_000;

    private readonly long _tolerance = (long)pace.Round.TotalMilliseconds / 2; // rounds come a little early or late
    private PartitionTable _table = PartitionTable.Empty;
    private long[]? _sizes;
    private long[] _size = [];
    private long[] _end = [];
    private long[] _due = [];
    private long[] _startDue = [];
    private long[] _readUntil = [];
    private byte[] _still = [];
    private bool[] _isKnown = []; // two answers that fit together: there is a rate

    /// <summary>What to ask for now, for the table of this picture.</summary>
    public OffsetsRound Next(ClusterModel model, DateTimeOffset at)
    {
        var now = at.ToUnixTimeMilliseconds();
        FollowTable(model.Partitions);
        NoteReaders(model, now);
        NoteSizes(model);
        var (table, count) = (model.Partitions, model.Partitions.PartitionCount);
        var (ends, starts, known) = (new bool[count], new bool[count], model.Load.LogEndOffset);
        for (var p = 0; p < count; p++)
        {
            var isUnknown = table.Leader[p] < 0 || p >= known.Length || known[p] < 0; // asking one without a leader costs nothing, and shows it at once
            ends[p] = isUnknown || _due[p] <= now + _tolerance;
            starts[p] = ends[p] && _startDue[p] <= now + _tolerance;
        }

        return new OffsetsRound(ends, starts);
    }

    /// <summary>Takes the answers to what <see cref="Next"/> chose. Who did not answer is asked again in the next round.</summary>
    public void Took(OffsetsSample sample, DateTimeOffset at)
    {
        var now = at.ToUnixTimeMilliseconds();
        for (var p = 0; p < _end.Length; p++)
        {
            var end = sample.LogEnd[p];
            if (end == OffsetsSample.NotAsked)
            {
                continue;
            }

            if (end < 0 || _end[p] < 0 || end < _end[p])
            {
                (_isKnown[p], _still[p], _due[p]) = (false, 0, 0); // unknown, new, or another log: the next answer tells a rate
            }
            else
            {
                _still[p] = end == _end[p] ? (byte)Math.Min(_still[p] + 1, byte.MaxValue) : (byte)0;
                _due[p] = now + PauseOf(p, now);
                _isKnown[p] = true;
            }

            _end[p] = end;
            _startDue[p] = sample.LogStart[p] >= 0 ? now + StartsEveryMs : _startDue[p];
        }
    }

    private long PauseOf(int partition, long now)
    {
        if (_readUntil[partition] <= now)
        {
            var unread = (long)pace.Unread.TotalMilliseconds;
            return _isKnown[partition] ? unread : unread * ((partition % Phases) + 1) / Phases;
        }

        var steps = _still[partition] - StillAfter - (partition % 2);
        return steps < 0 ? 0 : (long)Math.Min(pace.Idle.TotalMilliseconds, pace.Round.TotalMilliseconds * Math.Pow(2, steps + 1));
    }

    private void Wake(int partition) => (_still[partition], _due[partition]) = (0, 0);

    private void FollowTable(PartitionTable table)
    {
        if (!ReferenceEquals(table.TopicName, _table.TopicName) || !ReferenceEquals(table.TopicStart, _table.TopicStart))
        {
            var oldOf = LoadMerge.FindByName(_table, table);
            (_size, _end) = (Remapping.Longs(_size, oldOf), Remapping.Longs(_end, oldOf));
            (_due, _startDue, _readUntil) = (Remapping.Longs(_due, oldOf), Remapping.Longs(_startDue, oldOf), Remapping.Longs(_readUntil, oldOf));
            (_still, _isKnown) = (Remapping.Of(_still, oldOf, (byte)0), Remapping.Of(_isKnown, oldOf, false));
        }

        _table = table;
    }

    /// <summary>Who has committed on a partition or has it assigned reads it. While groups are not known, anybody may.</summary>
    private void NoteReaders(ClusterModel model, long now)
    {
        if (model.Groups is not { } groups)
        {
            Array.Fill(_readUntil, now + ReadsForMs);
            return;
        }

        var (topic, name) = (-1, ""); // offsets of a topic come together
        foreach (var group in groups)
        {
            foreach (var commit in group.Offsets ?? [])
            {
                Read(commit.Topic, commit.Partition, commit.Offset);
            }

            foreach (var assigned in (group.Members ?? []).SelectMany(member => member.Assigned))
            {
                Read(assigned.Topic, assigned.Partition, -1);
            }
        }

        void Read(string of, int number, long committed)
        {
            (topic, name) = string.Equals(name, of, StringComparison.Ordinal) ? (topic, name) : (_table.FindTopic(of), of);
            if (topic < 0 || number < 0 || number >= _table.PartitionsOf(topic))
            {
                return;
            }

            var partition = _table.TopicStart[topic] + number;
            if (_readUntil[partition] <= now || (_end[partition] >= 0 && committed > _end[partition]))
            {
                Wake(partition);
            }

            _readUntil[partition] = now + ReadsForMs;
        }
    }

    /// <summary>Sizes are read anyway, of all partitions: a log that grew has a new end, one that shrank a new start.</summary>
    private void NoteSizes(ClusterModel model)
    {
        var (table, bytes) = (model.Partitions, model.Load.ReplicaBytes);
        if (ReferenceEquals(bytes, _sizes) || bytes.Length != table.ReplicaCount)
        {
            return;
        }

        _sizes = bytes;
        for (var p = 0; p < _size.Length; p++)
        {
            var size = table.Leader[p] >= 0 && table.ReplicasOf(p).IndexOf(table.Leader[p]) is >= 0 and var replica ? bytes[table.ReplicaStart[p] + replica] : -1;
            if (size < 0)
            {
                continue;
            }

            if (_size[p] >= 0 && size > _size[p] && _still[p] > 0)
            {
                Wake(p);
            }

            _startDue[p] = size < _size[p] ? 0 : _startDue[p];
            _size[p] = size;
        }
    }
}
