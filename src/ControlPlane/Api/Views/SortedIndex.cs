namespace ControlPlane.Api.Views;

/// <summary>
/// Row numbers in the order of one field. Rows whose value is unknown stand last in both directions: nobody looks for them
/// at the top of a ranking. Equal values keep the order of the rows.
/// </summary>
internal sealed class SortedIndex
{
    private readonly int[] _order;
    private readonly int _known;

    private SortedIndex(int[] order, int known)
    {
        _order = order;
        _known = known;
    }

    public int Count => _order.Length;

    /// <summary>By numbers; NaN is unknown.</summary>
    public static SortedIndex ByNumber(int count, Func<int, double> value)
    {
        var keys = new double[count];
        var order = new int[count];
        int known = 0, unknown = count;
        var isSorted = true;
        for (var row = 0; row < count; row++)
        {
            var key = value(row);
            if (double.IsNaN(key))
            {
                order[--unknown] = row;
            }
            else
            {
                isSorted &= known == 0 || key >= keys[known - 1];
                keys[known] = key;
                order[known++] = row;
            }
        }

        if (!isSorted)
        {
            Array.Sort(keys, order, 0, known);
            RestoreTies(keys, order, known);
        }

        Array.Reverse(order, known, count - known);
        return new SortedIndex(order, known);
    }

    /// <summary>By words, ordinal; null is unknown.</summary>
    public static SortedIndex ByWord(int count, Func<int, string?> value)
    {
        var words = new string?[count];
        for (var row = 0; row < count; row++)
        {
            words[row] = value(row);
        }

        var order = Enumerable.Range(0, count).ToArray();
        Array.Sort(order, (left, right) => (words[left], words[right]) switch
        {
            (null, null) => left.CompareTo(right),
            (null, _) => 1,
            (_, null) => -1,
            var (a, b) => string.CompareOrdinal(a, b) is var compared and not 0 ? compared : left.CompareTo(right),
        });
        return new SortedIndex(order, words.Count(word => word is not null));
    }

    /// <summary>Row at a place of the ranking.</summary>
    public int At(int place, bool descending) =>
        descending && place < _known ? _order[_known - 1 - place] : _order[place];

    // Array.Sort is not stable, and a page that shuffles equal rows at each refresh can't be read.
    private static void RestoreTies(double[] keys, int[] order, int known)
    {
        for (var start = 0; start < known;)
        {
            var end = start + 1;
            while (end < known && keys[end].Equals(keys[start]))
            {
                end++;
            }

            if (end - start > 1)
            {
                Array.Sort(order, start, end - start);
            }

            start = end;
        }
    }
}
