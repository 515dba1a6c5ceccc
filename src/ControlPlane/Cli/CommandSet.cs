using System.CommandLine;

namespace ControlPlane.Cli;

/// <summary>Builds commands whose failures all end the same way.</summary>
internal sealed class CommandSet(Globals globals, CliConsole console)
{
    public Command Define(string name, string description, Func<Invocation, CancellationToken, Task<ExitCode>> run, params Symbol[] symbols)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    command.Arguments.Add(argument);
                    break;
                case Option option:
                    command.Options.Add(option);
                    break;
                default:
                    throw new InvalidOperationException($"A command takes arguments and options, not {symbol.GetType().Name}.");
            }
        }

        command.SetAction((said, cancellationToken) => RunAsync(said, run, cancellationToken));
        return command;
    }

    public static Command Group(string name, string description, params Command[] commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands)
        {
            group.Subcommands.Add(command);
        }

        return group;
    }

    private async Task<int> RunAsync(ParseResult said, Func<Invocation, CancellationToken, Task<ExitCode>> run, CancellationToken cancellationToken)
    {
        using var invocation = new Invocation(said, globals, console);
        try
        {
            return (int)await run(invocation, cancellationToken);
        }
        catch (CliException ex)
        {
            ex.WriteTo(console.Error);
            return (int)ExitCode.UnknownOrFailure;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 130; // stopped by Ctrl+C, as shells say it
        }
    }
}
