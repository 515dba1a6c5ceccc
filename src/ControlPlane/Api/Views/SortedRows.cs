using System.Collections.Concurrent;

namespace ControlPlane.Api.Views;

/// <summary>A field rows can be sorted by; exactly one of the two getters is set.</summary>
internal sealed record SortField<TRows>(string Name, Func<TRows, int, double>? Number, Func<TRows, int, string?>? Word);

/// <summary>The fields of one kind of row, by their name in the contract.</summary>
internal sealed class SortFields<TRows>(params SortField<TRows>[] fields)
{
    private readonly Dictionary<string, SortField<TRows>> _byName = fields.ToDictionary(field => field.Name, StringComparer.Ordinal);

    public IReadOnlyList<string> Names { get; } = [.. fields.Select(field => field.Name)];

    public SortField<TRows> this[string name] => _byName[name];

    public static SortField<TRows> Number(string name, Func<TRows, int, double> value) => new(name, value, null);

    public static SortField<TRows> Word(string name, Func<TRows, int, string?> value) => new(name, null, value);
}

/// <summary>Sort orders of an immutable set of rows, each made when first asked for.</summary>
internal sealed class SortedRows<TRows>(TRows rows, int count, SortFields<TRows> fields)
{
    private readonly ConcurrentDictionary<string, Lazy<SortedIndex>> _orders = new(StringComparer.Ordinal);

    /// <summary>One page of the rows that pass the filter, with the number of all that pass.</summary>
    public (List<T> Items, int Total) Page<T>(Paging paging, Func<int, bool>? filter, Func<int, T> make)
    {
        var order = Order(paging.Sort.Field);
        var items = new List<T>(Math.Min(paging.Limit, Math.Max(0, count - paging.Offset)));
        if (filter is null)
        {
            for (var place = paging.Offset; place < count && items.Count < paging.Limit; place++)
            {
                items.Add(make(order.At(place, paging.Sort.Descending)));
            }

            return (items, count);
        }

        var total = 0;
        for (var place = 0; place < count; place++)
        {
            var row = order.At(place, paging.Sort.Descending);
            if (!filter(row))
            {
                continue;
            }

            if (total >= paging.Offset && items.Count < paging.Limit)
            {
                items.Add(make(row));
            }

            total++;
        }

        return (items, total);
    }

    private SortedIndex Order(string name) => _orders.GetOrAdd(name, key => new Lazy<SortedIndex>(() =>
    {
        var field = fields[key];
        return field.Number is { } number
            ? SortedIndex.ByNumber(count, row => number(rows, row))
            : SortedIndex.ByWord(count, row => field.Word!(rows, row));
    })).Value;
}

/// <summary>Which field, and in which direction.</summary>
internal readonly record struct Sort(string Field, bool Descending);

/// <summary>A checked wish for a part of a list.</summary>
internal readonly record struct Paging(Sort Sort, int Offset, int Limit);
