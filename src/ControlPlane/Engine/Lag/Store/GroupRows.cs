namespace ControlPlane.Engine.Lag.Store;

/// <summary>The groups of a shard and the chain of rows that each has.</summary>
internal sealed class GroupRows
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<(string? Name, int Head, int Rows)> _groups = [];
    private readonly Stack<int> _free = [];

    public int Count => _ids.Count;

    /// <summary>Places, those of removed groups included.</summary>
    public int Places => _groups.Count;

    public int Find(ReadOnlySpan<char> name) => _ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var id) ? id : -1;

    public int FindOrAdd(ReadOnlySpan<char> name)
    {
        if (Find(name) is >= 0 and var known)
        {
            return known;
        }

        var text = name.ToString();
        if (_free.TryPop(out var id))
        {
            _groups[id] = (text, -1, 0);
        }
        else
        {
            id = _groups.Count;
            _groups.Add((text, -1, 0));
        }

        _ids[text] = id;
        return id;
    }

    /// <summary>Null for the place of a removed group.</summary>
    public string? NameOf(int group) => _groups[group].Name;

    public int HeadOf(int group) => _groups[group].Head;

    public int RowsOf(int group) => _groups[group].Rows;

    public void Added(int group, int row) => _groups[group] = (_groups[group].Name, row, _groups[group].Rows + 1);

    /// <summary>Takes a row out of its chain; a group without rows is forgotten.</summary>
    public void Removed(int group, int row, Rows rows)
    {
        var (name, head, count) = _groups[group];
        var (chunk, i) = (rows.ChunkOf(row), row & RowChunk.Mask);
        if (head == row)
        {
            head = chunk.Next[i];
        }
        else
        {
            var before = head;
            while (rows.ChunkOf(before).Next[before & RowChunk.Mask] != row)
            {
                before = rows.ChunkOf(before).Next[before & RowChunk.Mask];
            }

            rows.ChunkOf(before).Next[before & RowChunk.Mask] = chunk.Next[i];
        }

        _groups[group] = (name, head, count - 1);
        if (head < 0)
        {
            _ids.Remove(name!);
            _groups[group] = (null, -1, 0);
            _free.Push(group);
        }
    }
}
