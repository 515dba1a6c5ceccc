namespace ControlPlane.Engine.Analyzer;

/// <summary>By broker the slots of the replicas it holds; putting one there or taking it away is O(1).</summary>
internal sealed class ReplicaLists
{
    private const int Room = 16;

    private readonly int[][] _slots;
    private readonly int[] _count;
    private readonly int[] _position;

    /// <summary>Lists of the length that they will have, to be filled slot by slot.</summary>
    public ReplicaLists(int[] current, int brokers)
    {
        (_slots, _count, _position) = (new int[brokers][], new int[brokers], new int[current.Length]);
        foreach (var broker in current)
        {
            _count[broker]++;
        }

        for (var broker = 0; broker < brokers; broker++)
        {
            (_slots[broker], _count[broker]) = (new int[_count[broker] + Room], 0);
        }
    }

    private ReplicaLists(int[][] slots, ReplicaLists first) =>
        (_slots, _count, _position) = (slots, (int[])first._count.Clone(), (int[])first._position.Clone());

    public ReadOnlySpan<int> this[int broker] => _slots[broker].AsSpan(0, _count[broker]);

    public int CountOf(int broker) => _count[broker];

    /// <summary>To make steps on.</summary>
    public ReplicaLists Copy() => new(Array.ConvertAll(_slots, list => (int[])list.Clone()), this);

    /// <summary>A copy for other places of the slots: the lists of dirty brokers in the order of slots, the others shared.</summary>
    public ReplicaLists For(int[] current, bool[] dirty)
    {
        var lists = new ReplicaLists((int[][])_slots.Clone(), this);
        for (var broker = 0; broker < _slots.Length; broker++)
        {
            (lists._slots[broker], lists._count[broker]) = dirty[broker] ? (new int[_count[broker] + Room], 0) : (_slots[broker], _count[broker]);
        }

        for (var slot = 0; slot < current.Length; slot++)
        {
            if (dirty[current[slot]])
            {
                lists.Attach(slot, current[slot]);
            }
        }

        return lists;
    }

    public void Attach(int slot, int broker)
    {
        ref var list = ref _slots[broker];
        var count = _count[broker]++;
        if (count == list.Length)
        {
            Array.Resize(ref list, count + (count / 2) + Room);
        }

        list[count] = slot;
        _position[slot] = count;
    }

    public void Detach(int slot, int broker)
    {
        var (list, at) = (_slots[broker], _position[slot]);
        var last = list[--_count[broker]];
        (list[at], _position[last]) = (last, at);
    }
}
