namespace ControlPlane.Engine.Analyzer;

/// <summary>Replicas of each topic on each broker: dense while that is small, else by hash, because most pairs are empty.</summary>
public sealed class TopicCounts(int topics, int brokers)
{
    private const long DenseCells = 40_000_000;

    private readonly short[]? _dense = (long)topics * brokers <= DenseCells ? new short[topics * brokers] : null;
    private readonly Dictionary<long, int> _sparse = [];

    public int this[int topic, int broker] =>
        _dense is not null ? _dense[(topic * brokers) + broker] : _sparse.GetValueOrDefault(((long)topic * brokers) + broker);

    public void Add(int topic, int broker, int change)
    {
        if (_dense is not null)
        {
            _dense[(topic * brokers) + broker] += (short)change;
            return;
        }

        var key = ((long)topic * brokers) + broker;
        _sparse[key] = _sparse.GetValueOrDefault(key) + change;
    }
}
