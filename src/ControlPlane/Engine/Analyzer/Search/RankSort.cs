namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// Sorts numbers by keys, equal keys by the numbers: one order, whatever came in. The framework's sort of two spans would first be compiled at
/// run time in a process that only lives for one plan, because it is generic over types that are not ours.
/// </summary>
internal static class RankSort
{
    private const int Short = 16;

    /// <summary>The smallest key first.</summary>
    public static void Ascending(Span<double> keys, Span<int> items)
    {
        if (items.Length <= Short)
        {
            Insert(keys, items);
            return;
        }

        var middle = Partition(keys, items);
        Ascending(keys[..middle], items[..middle]);
        Ascending(keys[middle..], items[middle..]);
    }

    /// <summary>Everything before the place that is returned comes before everything from there on (Hoare). A median of three is neither the least nor the greatest, so both sides have some.</summary>
    private static int Partition(Span<double> keys, Span<int> items)
    {
        var pivot = Median(keys, items, 0, items.Length / 2, items.Length - 1);
        var (key, item, left, right) = (keys[pivot], items[pivot], -1, items.Length);
        while (true)
        {
            do
            {
                left++;
            }
            while (IsBefore(keys[left], items[left], key, item));
            do
            {
                right--;
            }
            while (IsBefore(key, item, keys[right], items[right]));
            if (left >= right)
            {
                return left;
            }

            (keys[left], keys[right]) = (keys[right], keys[left]);
            (items[left], items[right]) = (items[right], items[left]);
        }
    }

    private static int Median(Span<double> keys, Span<int> items, int one, int two, int three)
    {
        var (low, high) = IsBefore(keys[one], items[one], keys[two], items[two]) ? (one, two) : (two, one);
        return IsBefore(keys[three], items[three], keys[low], items[low]) ? low
            : IsBefore(keys[high], items[high], keys[three], items[three]) ? high
            : three;
    }

    private static void Insert(Span<double> keys, Span<int> items)
    {
        for (var next = 1; next < items.Length; next++)
        {
            var (key, item, place) = (keys[next], items[next], next);
            for (; place > 0 && IsBefore(key, item, keys[place - 1], items[place - 1]); place--)
            {
                (keys[place], items[place]) = (keys[place - 1], items[place - 1]);
            }

            (keys[place], items[place]) = (key, item);
        }
    }

    private static bool IsBefore(double key, int item, double otherKey, int other) => key < otherKey || (key == otherKey && item < other);
}
