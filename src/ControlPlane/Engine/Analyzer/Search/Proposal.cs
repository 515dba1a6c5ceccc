namespace ControlPlane.Engine.Analyzer.Search;

internal enum ProposalKind : byte
{
    /// <summary>A replica goes to another broker.</summary>
    Move,

    /// <summary>Another replica leads the partition.</summary>
    Lead,

    /// <summary>Two replicas change places.</summary>
    Swap,

    /// <summary>Two partitions change their leaders between two brokers.</summary>
    Exchange,

    /// <summary>The lead of one partition is given to one broker and that of another taken from any other.</summary>
    Pass,
}

/// <summary>A step that a broker would like, found on a frozen state; it is judged anew before it is done.</summary>
/// <param name="Slot">The replica that moves or is to lead.</param>
/// <param name="Other">The broker it goes to, or the other replica.</param>
/// <param name="From">The broker the slot was on.</param>
/// <param name="Delta">Change of the objective that was promised; negative.</param>
/// <param name="Score">Gain per price; the higher the better.</param>
internal readonly record struct Proposal(ProposalKind Kind, int Slot, int Other, int From, double Delta, double Score);

/// <summary>The best few proposals, best first; ties go to the one that came first.</summary>
internal sealed class Shortlist(int most)
{
    private readonly Proposal[] _items = new Proposal[most];
    private int _room = most;
    private int _count;

    public ReadOnlySpan<Proposal> Items => _items.AsSpan(0, _count);

    /// <summary>What a proposal has to beat.</summary>
    public double Worst => _count < _room ? 0 : _items[_count - 1].Score;

    public void Clear(int room) => (_count, _room) = (0, Math.Min(room, _items.Length));

    public void Add(in Proposal proposal)
    {
        if (!(proposal.Score > Worst))
        {
            return;
        }

        var place = _count < _room ? _count++ : _count - 1;
        for (; place > 0 && _items[place - 1].Score < proposal.Score; place--)
        {
            _items[place] = _items[place - 1];
        }

        _items[place] = proposal;
    }
}
