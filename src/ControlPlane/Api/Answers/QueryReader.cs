using System.Globalization;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;

namespace ControlPlane.Api.Answers;

/// <summary>Reads and checks a query; collects every mistake so that they can be corrected in one go.</summary>
internal sealed class QueryReader
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 500;
    private const int MaxText = 300;

    private readonly IQueryCollection _query;
    private readonly Dictionary<string, string[]> _errors = new(StringComparer.Ordinal);

    public QueryReader(HttpContext http)
    {
        _query = http.Request.Query;
        var known = http.GetEndpoint()?.Metadata.GetMetadata<QueryParameters>()?.All ?? [];
        foreach (var (name, values) in _query)
        {
            var parameter = known.FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.Ordinal));
            if (parameter is null)
            {
                var expected = known.Count == 0 ? "none" : string.Join(", ", known.Select(one => one.Name));
                Refuse(Shorten(name), $"There is no such query parameter here. Expected: {expected}.");
            }
            else if (values.Count > 1 && !parameter.MayRepeat)
            {
                Refuse(name, "It is given more than once. Expected: one value.");
            }
        }
    }

    public string? Text(string name)
    {
        var text = _query[name] is [{ Length: > 0 } value] ? value : null;
        if (text?.Length > MaxText)
        {
            Refuse(name, $"It has {text.Length} characters. Expected: at most {MaxText}.");
            return null;
        }

        return text;
    }

    public string? Word(string name, params ReadOnlySpan<string> words)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        foreach (var word in words)
        {
            if (string.Equals(word, text, StringComparison.OrdinalIgnoreCase))
            {
                return word;
            }
        }

        Refuse(name, $"'{Shorten(text)}' is not one of its words. Expected: {string.Join(", ", words.ToArray())}.");
        return null;
    }

    public bool? Flag(string name) => Word(name, "true", "false") is { } word ? word == "true" : null;

    public long? Number(string name, long min, long max)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        Refuse(name, string.Create(CultureInfo.InvariantCulture, $"'{Shorten(text)}' is not possible. Expected: a whole number from {min} to {max}."));
        return null;
    }

    /// <summary>ISO 8601 with a zone, or now-15m, now-6h, now-7d.</summary>
    public DateTimeOffset? Time(string name, DateTimeOffset now)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (RelativeTime.TryParse(text, now, out var time))
        {
            return time;
        }

        Refuse(name, $"'{Shorten(text)}' is not a time. Expected: ISO 8601 such as 2026-05-01T12:00:00Z, or a time before now such as now-6h.");
        return null;
    }

    public Paging Paging(IReadOnlyList<string> fields, Sort normal) =>
        new(Sort(fields, normal), (int)(Number("offset", 0, int.MaxValue) ?? 0), (int)(Number("limit", 1, MaxLimit) ?? DefaultLimit));

    public Sort Sort(IReadOnlyList<string> fields, Sort normal)
    {
        if (Text("sort") is not { } text)
        {
            return normal;
        }

        var descending = text.StartsWith('-');
        var field = descending ? text[1..] : text;
        if (fields.Contains(field, StringComparer.Ordinal))
        {
            return new Sort(field, descending);
        }

        Refuse("sort", $"'{Shorten(field)}' can't be sorted by. Expected one of: {string.Join(", ", fields)}; with a leading '-' for descending.");
        return normal;
    }

    public void Refuse(string name, string message) =>
        _errors[name] = _errors.TryGetValue(name, out var messages) ? [.. messages, message] : [message];

    /// <summary>Call when everything was read.</summary>
    public void ThrowIfRefused()
    {
        if (_errors.Count > 0)
        {
            throw new ProblemException(ApiProblems.Invalid(_errors));
        }
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "...";
}
