using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace ControlPlane.Engine;

/// <summary>
/// What the engine uses most of LINQ, under the same names, on arrays and lists, and at once instead of lazily. The framework's own is generic
/// code of another assembly: over numbers and tuples it can't be compiled ahead, and a process that lives for one plan paid more for compiling
/// it than for the search. Here these come first; what is not among them is LINQ's.
/// </summary>
internal static class Enumerable
{
    public static int[] Range(int start, int count)
    {
        var numbers = new int[count];
        for (var place = 0; place < count; place++)
        {
            numbers[place] = start + place;
        }

        return numbers;
    }

    public static T[] Repeat<T>(T element, int count)
    {
        var elements = new T[count];
        Array.Fill(elements, element);
        return elements;
    }

    public static TResult[] Select<T, TResult>(this ReadOnlySpan<T> source, Func<T, TResult> selector)
    {
        var results = new TResult[source.Length];
        for (var place = 0; place < source.Length; place++)
        {
            results[place] = selector(source[place]);
        }

        return results;
    }

    public static TResult[] Select<T, TResult>(this ReadOnlySpan<T> source, Func<T, int, TResult> selector)
    {
        var results = new TResult[source.Length];
        for (var place = 0; place < source.Length; place++)
        {
            results[place] = selector(source[place], place);
        }

        return results;
    }

    public static TResult[] SelectMany<T, TResult>(this ReadOnlySpan<T> source, Func<T, TResult[]> selector)
    {
        var (parts, count, place) = (source.Select(selector), 0, 0);
        foreach (var part in parts)
        {
            count += part.Length;
        }

        var results = new TResult[count];
        foreach (var part in parts)
        {
            part.CopyTo(results, place);
            place += part.Length;
        }

        return results;
    }

    public static T[] Where<T>(this ReadOnlySpan<T> source, Func<T, bool> predicate)
    {
        var (kept, count) = (new T[source.Length], 0);
        foreach (var element in source)
        {
            if (predicate(element))
            {
                kept[count++] = element;
            }
        }

        return count == kept.Length ? kept : kept.AsSpan(0, count).ToArray();
    }

    public static (TFirst First, TSecond Second)[] Zip<TFirst, TSecond>(this TFirst[] first, TSecond[] second)
    {
        var pairs = new (TFirst, TSecond)[Math.Min(first.Length, second.Length)];
        for (var place = 0; place < pairs.Length; place++)
        {
            pairs[place] = (first[place], second[place]);
        }

        return pairs;
    }

    public static T[] DefaultIfEmpty<T>(this T[] source, T value) => source.Length == 0 ? [value] : source;

    public static bool Any<T>(this ReadOnlySpan<T> source, Func<T, bool> predicate)
    {
        foreach (var element in source)
        {
            if (predicate(element))
            {
                return true;
            }
        }

        return false;
    }

    public static bool All<T>(this ReadOnlySpan<T> source, Func<T, bool> predicate)
    {
        foreach (var element in source)
        {
            if (!predicate(element))
            {
                return false;
            }
        }

        return true;
    }

    public static int Count<T>(this ReadOnlySpan<T> source, Func<T, bool> predicate)
    {
        var count = 0;
        foreach (var element in source)
        {
            count += predicate(element) ? 1 : 0;
        }

        return count;
    }

    public static int Sum<T>(this ReadOnlySpan<T> source, Func<T, int> selector)
    {
        var sum = 0;
        foreach (var element in source)
        {
            sum = checked(sum + selector(element));
        }

        return sum;
    }

    public static long Sum<T>(this ReadOnlySpan<T> source, Func<T, long> selector)
    {
        var sum = 0L;
        foreach (var element in source)
        {
            sum = checked(sum + selector(element));
        }

        return sum;
    }

    public static double Sum<T>(this ReadOnlySpan<T> source, Func<T, double> selector)
    {
        var sum = 0.0;
        foreach (var element in source)
        {
            sum += selector(element);
        }

        return sum;
    }

    public static double Sum(this double[] source) => source.Sum(value => value);

    public static double Max(this double[] source)
    {
        // As in LINQ, what is not a number counts only where nothing else is.
        var most = source.Length == 0 ? throw new InvalidOperationException("Sequence contains no elements") : double.NaN;
        foreach (var value in source)
        {
            most = value > most || double.IsNaN(most) ? value : most;
        }

        return most;
    }

    /// <summary>By a whole number; groups stand in the order in which their first elements do.</summary>
    public static Group<T>[] GroupBy<T>(this ReadOnlySpan<T> source, Func<T, int> key)
    {
        var (groups, places) = (new List<Group<T>>(), new Dictionary<int, int>());
        foreach (var element in source)
        {
            var its = key(element);
            if (!places.TryGetValue(its, out var place))
            {
                place = places[its] = groups.Count;
                groups.Add(new Group<T>(its));
            }

            groups[place].Add(element);
        }

        return [.. groups];
    }

    public static TResult[] Select<T, TResult>(this List<T> source, Func<T, TResult> selector) => Span(source).Select(selector);

    public static T[] Where<T>(this List<T> source, Func<T, bool> predicate) => Span(source).Where(predicate);

    public static bool Any<T>(this List<T> source, Func<T, bool> predicate) => Span(source).Any(predicate);

    public static bool All<T>(this List<T> source, Func<T, bool> predicate) => Span(source).All(predicate);

    public static int Count<T>(this List<T> source, Func<T, bool> predicate) => Span(source).Count(predicate);

    public static int Sum<T>(this List<T> source, Func<T, int> selector) => Span(source).Sum(selector);

    public static long Sum<T>(this List<T> source, Func<T, long> selector) => Span(source).Sum(selector);

    public static double Sum<T>(this List<T> source, Func<T, double> selector) => Span(source).Sum(selector);

    public static Group<T>[] GroupBy<T>(this List<T> source, Func<T, int> key) => Span(source).GroupBy(key);

    public static HashSet<T> ToHashSet<T>(this ImmutableArray<T> source)
    {
        var set = new HashSet<T>(source.Length);
        foreach (var element in source)
        {
            set.Add(element);
        }

        return set;
    }

    public static TResult[] Select<T, TResult>(this ImmutableArray<T> source, Func<T, TResult> selector) => source.AsSpan().Select(selector);

    public static T[] Where<T>(this ImmutableArray<T> source, Func<T, bool> predicate) => source.AsSpan().Where(predicate);

    public static bool Any<T>(this ImmutableArray<T> source, Func<T, bool> predicate) => source.AsSpan().Any(predicate);

    public static bool All<T>(this ImmutableArray<T> source, Func<T, bool> predicate) => source.AsSpan().All(predicate);

    public static int Count<T>(this ImmutableArray<T> source, Func<T, bool> predicate) => source.AsSpan().Count(predicate);

    public static int Sum<T>(this ImmutableArray<T> source, Func<T, int> selector) => source.AsSpan().Sum(selector);

    public static long Sum<T>(this ImmutableArray<T> source, Func<T, long> selector) => source.AsSpan().Sum(selector);

    public static double Sum<T>(this ImmutableArray<T> source, Func<T, double> selector) => source.AsSpan().Sum(selector);

    public static Group<T>[] GroupBy<T>(this ImmutableArray<T> source, Func<T, int> key) => source.AsSpan().GroupBy(key);

    private static ReadOnlySpan<T> Span<T>(List<T> source) => CollectionsMarshal.AsSpan(source);

    /// <summary>Elements with one key.</summary>
    internal sealed class Group<T>(int key) : List<T>, IGrouping<int, T>
    {
        public int Key => key;
    }
}
