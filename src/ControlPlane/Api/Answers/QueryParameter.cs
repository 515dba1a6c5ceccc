namespace ControlPlane.Api.Answers;

/// <summary>The shape of a query parameter's value.</summary>
internal enum QueryKind
{
    Text,
    Word,
    Number,
    Flag,
    Time,
}

/// <summary>One query parameter of an endpoint: what is documented is what is read, and nothing else is accepted.</summary>
internal sealed record QueryParameter(string Name, QueryKind Kind, string Description)
{
    /// <summary>The words that are allowed; empty where any text is.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    public bool MayRepeat { get; init; }

    public static QueryParameter Search { get; } = new("search", QueryKind.Text, "Part of the name, in any case.");

    public static QueryParameter Offset { get; } = new("offset", QueryKind.Number, "How many rows to leave out, from 0.");

    public static QueryParameter Limit { get; } = new("limit", QueryKind.Number, "How many rows to answer, 1 to 500. Default 50.");

    public static QueryParameter Sort(IReadOnlyList<string> fields, string normal) =>
        new("sort", QueryKind.Word, $"Field to sort by, with a leading '-' for descending. Rows where it is unknown stand last. Default {normal}.") { Words = [.. fields, .. fields.Select(field => "-" + field)] };

    public static QueryParameter Of(string name, string description, params string[] words) => new(name, QueryKind.Word, description) { Words = words };

    public static QueryParameter Text(string name, string description) => new(name, QueryKind.Text, description);

    public static QueryParameter Number(string name, string description) => new(name, QueryKind.Number, description);

    public static QueryParameter Flag(string name, string description) => new(name, QueryKind.Flag, description);

    public static QueryParameter Time(string name, string description) => new(name, QueryKind.Time, description);
}

/// <summary>The query parameters of an endpoint.</summary>
internal sealed record QueryParameters(IReadOnlyList<QueryParameter> All);
