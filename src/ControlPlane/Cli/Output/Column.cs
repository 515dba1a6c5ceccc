using ControlPlane.Contracts;

namespace ControlPlane.Cli.Output;

/// <summary>What stands in one cell, with the colour that only repeats what the word says.</summary>
internal readonly record struct Cell(string Text, string? Colour = null)
{
    public static implicit operator Cell(string? text) => text is null or Units.Unknown ? new Cell(Units.Unknown, "grey") : new Cell(text);

    public static implicit operator Cell(int? number) => Units.Count(number);

    public static implicit operator Cell(long? number) => Units.Count(number);

    public static implicit operator Cell(int number) => Units.Count(number);

    public static implicit operator Cell(bool flag) => flag ? "yes" : "no";

    public static implicit operator Cell(StatusWord word) => word switch
    {
        StatusWord.Ok => new Cell("OK", "green"),
        StatusWord.Warn => new Cell("WARN", "yellow"),
        StatusWord.Crit => new Cell("CRIT", "red"),
        StatusWord.Maint => new Cell("MAINT", "blue"),
        _ => new Cell("UNKNOWN", "grey"),
    };

    /// <summary>A number that should be nought.</summary>
    public static Cell Bad(int? number) => number is > 0 ? new Cell(Units.Count(number), "red") : number;
}

/// <summary>One column of a table of <typeparamref name="T"/>.</summary>
internal sealed record Column<T>(string Header, Func<T, Cell> Cell, bool IsRight = false)
{
    public static Column<T> Left(string header, Func<T, Cell> cell) => new(header, cell);

    public static Column<T> Right(string header, Func<T, Cell> cell) => new(header, cell, IsRight: true);
}
