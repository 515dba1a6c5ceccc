using System.CommandLine;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;

namespace ControlPlane.Cli;

/// <summary>One run of a command: what was said, where to ask, where to write.</summary>
internal sealed class Invocation : IDisposable
{
    private readonly Globals _globals;
    private ApiClient? _api;

    public Invocation(ParseResult said, Globals globals, CliConsole console)
    {
        (Said, _globals, Console) = (said, globals, console);
        Printer = new Printer(console, said.GetValue(globals.Output), said.GetValue(globals.NoColour));
    }

    public ParseResult Said { get; }

    public CliConsole Console { get; }

    public Printer Printer { get; }

    /// <summary>Made when first asked for, so that commands without an API need no token.</summary>
    public ApiClient Api => _api ??= new ApiClient(ApiTarget.Resolve(
        Said.GetValue(_globals.Url), Said.GetValue(_globals.Token), Said.GetValue(_globals.TokenFile), Console.Environment));

    public T Get<T>(Option<T> option) => Said.GetValue(option)!;

    public T Get<T>(Argument<T> argument) => Said.GetValue(argument)!;

    /// <summary>True when the option was given, as opposed to standing at its default.</summary>
    public bool Has(Option option) => Said.GetResult(option) is { Implicit: false };

    /// <summary>For what cannot be undone: asks, unless told --yes; never assumes an answer where nobody can give one.</summary>
    public void Confirm(bool yes, string question)
    {
        if (yes)
        {
            return;
        }

        if (!Console.IsTerminal)
        {
            throw new CliException(question, "--yes, because nobody is there to answer", "repeat with --yes if you mean it");
        }

        Console.Error.Write($"{question} [y/N] ");
        if (Console.In.ReadLine()?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
        {
            throw new CliException("Not done", null, null);
        }
    }

    public void Dispose() => _api?.Dispose();
}
