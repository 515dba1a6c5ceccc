namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>The brokers of a file, by id ascending whatever the order of their lines: the same cluster always makes the same model.</summary>
internal sealed class BrokerTable
{
    /// <summary>Ids up to here are found by a table, others by hash.</summary>
    private const int SmallIds = 1 << 20;

    private readonly int[]? _byId;
    private readonly Dictionary<int, int> _byLargeId = [];
    private readonly byte[][] _paths;

    public BrokerTable(IEnumerable<BrokerRow> rows)
    {
        Rows = [.. rows.OrderBy(row => row.Id)];
        Ids = [.. Rows.Select(row => row.Id)];
        DirStart = new int[Rows.Length + 1];
        for (var broker = 0; broker < Rows.Length; broker++)
        {
            DirStart[broker + 1] = DirStart[broker] + Rows[broker].Dirs.Count;
            _byLargeId[Ids[broker]] = broker;
        }

        _paths = [.. Rows.SelectMany(row => row.Dirs).Select(dir => System.Text.Encoding.UTF8.GetBytes(dir.Path))];
        if (Ids.Length > 0 && Ids[^1] < SmallIds)
        {
            _byId = new int[Ids[^1] + 1];
            Array.Fill(_byId, -1);
            Array.ForEach(Ids, id => _byId[id] = _byLargeId[id]);
        }
    }

    public BrokerRow[] Rows { get; }

    public int[] Ids { get; }

    public int[] DirStart { get; }

    /// <summary>-1: there is none with this id.</summary>
    public int Find(int id) =>
        _byId is null ? _byLargeId.GetValueOrDefault(id, -1)
        : id < _byId.Length ? _byId[id]
        : -1;

    /// <summary>The log dir whose path the reader stands at; -1: the broker has none of that name.</summary>
    public int FindDir(int broker, ref System.Text.Json.Utf8JsonReader json)
    {
        for (var dir = DirStart[broker]; dir < DirStart[broker + 1]; dir++)
        {
            if (json.ValueTextEquals(_paths[dir]))
            {
                return dir;
            }
        }

        return -1;
    }
}

/// <summary>One broker line.</summary>
internal sealed record BrokerRow(
    int Id, string? Rack, string? Host, BrokerCondition Condition, double[] Capacity, double DiskForeign, IReadOnlyList<DirRow> Dirs);

/// <summary>One log dir of a broker line; its capacity is NaN where unknown.</summary>
internal sealed record DirRow(string Path, double Capacity, bool IsAlive);
