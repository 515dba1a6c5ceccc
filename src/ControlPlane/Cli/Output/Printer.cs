using System.Text.Json;
using ControlPlane.Contracts;
using Spectre.Console;

namespace ControlPlane.Cli.Output;

internal enum OutputFormat
{
    Table,
    Json,
}

/// <summary>Writes answers: JSON as the API gave it, or tables. Remarks go to stderr, so that stdout can be piped on.</summary>
internal sealed class Printer
{
    private const int PipedWidth = 1000;

    private readonly CliConsole _console;
    private readonly bool _colour;
    private IAnsiConsole? _ansi;

    public Printer(CliConsole console, OutputFormat format, bool noColour)
    {
        _console = console;
        Format = format;
        _colour = console.IsTerminal && !noColour && string.IsNullOrEmpty(console.Environment("NO_COLOR"));
    }

    public OutputFormat Format { get; }

    public bool IsJson => Format == OutputFormat.Json;

    public void Json<T>(T value) => _console.Out.WriteLine(JsonSerializer.Serialize(value, Connection.Json.Indented));

    public void JsonLine<T>(T value) => _console.Out.WriteLine(JsonSerializer.Serialize(value, Connection.Json.Line));

    public void Line(string text) => _console.Out.WriteLine(text);

    public void Remark(string text) => _console.Error.WriteLine(text);

    /// <summary>A word in its colour and a sentence.</summary>
    public void Status(StatusWord word, string sentence)
    {
        Cell cell = word;
        Ansi.MarkupLine($"{Render(cell)}  {Markup.Escape(sentence)}");
    }

    public void Rows<T>(IEnumerable<T> rows, string empty, params Column<T>[] columns)
    {
        var table = new Table { Border = TableBorder.Simple, UseSafeBorder = true };
        foreach (var column in columns)
        {
            var header = new TableColumn(new Markup($"[bold]{Markup.Escape(column.Header)}[/]")) { NoWrap = !_console.IsTerminal };
            table.AddColumn(column.IsRight ? header.RightAligned() : header);
        }

        foreach (var row in rows)
        {
            table.AddRow(columns.Select(column => new Markup(Render(column.Cell(row)))));
        }

        if (table.Rows.Count == 0)
        {
            Remark(empty);
            return;
        }

        Ansi.Write(table);
    }

    /// <summary>A page of a list, with a word on what is beyond it.</summary>
    public void Page<T>(Page<T> page, string empty, params Column<T>[] columns)
    {
        if (IsJson)
        {
            Json(page);
            return;
        }

        Rows(page.Items, page.Offset > 0 && page.Total > 0 ? $"Nothing from {page.Offset} on: there are {page.Total}." : empty, columns);
        var end = page.Offset + page.Items.Count;
        if (page.Items.Count > 0 && (page.Offset > 0 || end < page.Total))
        {
            Remark($"{page.Offset + 1} to {end} of {Units.Count(page.Total)}" + (end < page.Total ? $"; go on with --offset {end}" : ""));
        }
    }

    /// <summary>Names and values of one thing.</summary>
    public void Facts(params (string Name, Cell Value)[] facts)
    {
        var grid = new Grid().AddColumn(new GridColumn { NoWrap = true }).AddColumn();
        foreach (var (name, value) in facts)
        {
            grid.AddRow(new Markup($"[grey]{Markup.Escape(name)}[/]"), new Markup(Render(value)));
        }

        Ansi.Write(grid);
    }

    /// <summary>Made when first needed: JSON needs none, and looking at the terminal takes time at the start.</summary>
    private IAnsiConsole Ansi => _ansi ??= MakeAnsi();

    private IAnsiConsole MakeAnsi()
    {
        var ansi = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = _colour ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = _colour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(_console.Out),
        });
        if (!_console.IsTerminal)
        {
            ansi.Profile.Width = PipedWidth; // a pipe has no edge at which to cut names
        }

        return ansi;
    }

    private static string Render(Cell cell) => cell.Colour is null ? Markup.Escape(cell.Text) : $"[{cell.Colour}]{Markup.Escape(cell.Text)}[/]";
}
