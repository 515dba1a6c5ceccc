namespace ControlPlane.Engine.Analyzer;

/// <summary>Hosts that carry several brokers, as rows after those of the brokers: CPU and network belong to the machine.</summary>
public sealed class HostRows
{
    public HostRows(PlacementArrays arrays)
    {
        var brokers = arrays.Alive.Length;
        var members = new Dictionary<int, List<int>>();
        for (var broker = 0; broker < brokers; broker++)
        {
            (members.TryGetValue(arrays.Host[broker], out var list) ? list : members[arrays.Host[broker]] = []).Add(broker);
        }

        RowOf = new int[brokers];
        Array.Fill(RowOf, -1);
        var rows = new List<int[]>();
        foreach (var host in members.Values.Where(list => list.Count > 1))
        {
            host.ForEach(broker => RowOf[broker] = brokers + rows.Count);
            rows.Add([.. host]);
        }

        Members = rows;
    }

    /// <summary>By broker the row of its host; -1: it has the host for itself.</summary>
    public int[] RowOf { get; }

    /// <summary>Brokers of each row.</summary>
    public IReadOnlyList<int[]> Members { get; }

    public int Count => Members.Count;

    /// <summary>Those of a row that live and stay: what the others could carry is no capacity of the machine, and nobody fills them.</summary>
    public int[] LivingOf(int row, bool[] alive) => Array.FindAll(Members[row - RowOf.Length], broker => alive[broker]);
}
