namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// Sorts numbers by keys: quicksort by a median of three, short spans by insertion. Not stable, but the same for the same input. The
/// framework's sort of two spans is generic over types that are not ours, so a process that lives for one plan would have to compile it first.
/// </summary>
public static class RankSort
{
    private const int Short = 16;

    /// <summary>The smallest key first.</summary>
    public static void Ascending(Span<double> keys, Span<int> items)
    {
        var length = items.Length;
        while (length > Short)
        {
            var pivot = Partition(keys[..length], items[..length]);
            Ascending(keys[(pivot + 1)..length], items[(pivot + 1)..length]);
            length = pivot;
        }

        Insert(keys[..length], items[..length]);
    }

    /// <summary>The smallest key first; among equal keys the smallest number.</summary>
    public static void AscendingThenItems(Span<double> keys, Span<int> items)
    {
        Ascending(keys, items);
        for (var start = 0; start < items.Length;)
        {
            var end = start + 1;
            while (end < items.Length && keys[end] == keys[start])
            {
                end++;
            }

            items[start..end].Sort();
            start = end;
        }
    }

    /// <summary>The place of a key that no key before it exceeds and no key after it is less than.</summary>
    private static int Partition(Span<double> keys, Span<int> items)
    {
        var (last, middle) = (keys.Length - 1, (keys.Length - 1) / 2);
        Order(keys, items, 0, middle);
        Order(keys, items, 0, last);
        Order(keys, items, middle, last);
        var pivot = keys[middle];
        Swap(keys, items, middle, last - 1);
        var (left, right) = (0, last - 1);
        while (left < right)
        {
            do
            {
                left++;
            }
            while (left < last - 1 && keys[left] < pivot);
            do
            {
                right--;
            }
            while (right > 0 && pivot < keys[right]);
            if (left < right)
            {
                Swap(keys, items, left, right);
            }
        }

        Swap(keys, items, left, last - 1);
        return left;
    }

    private static void Insert(Span<double> keys, Span<int> items)
    {
        if (items.Length == 3)
        {
            Order(keys, items, 0, 1);
            Order(keys, items, 0, 2);
            Order(keys, items, 1, 2);
            return;
        }

        for (var next = 1; next < items.Length; next++)
        {
            var (key, item, place) = (keys[next], items[next], next);
            for (; place > 0 && key < keys[place - 1]; place--)
            {
                (keys[place], items[place]) = (keys[place - 1], items[place - 1]);
            }

            (keys[place], items[place]) = (key, item);
        }
    }

    private static void Order(Span<double> keys, Span<int> items, int one, int other)
    {
        if (keys[other] < keys[one])
        {
            Swap(keys, items, one, other);
        }
    }

    private static void Swap(Span<double> keys, Span<int> items, int one, int other)
    {
        (keys[one], keys[other]) = (keys[other], keys[one]);
        (items[one], items[other]) = (items[other], items[one]);
    }
}
