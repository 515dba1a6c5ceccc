using System.CommandLine;
using ControlPlane.Cli.Commands;
using ControlPlane.Cli.Output;

namespace ControlPlane.Cli;

/// <summary>The options every command has.</summary>
internal sealed class Globals
{
    public Option<string?> Url { get; } = new("--url") { Description = "The control plane, such as http://127.0.0.1:8480 (KCP_URL)", Recursive = true, HelpName = "URL" };

    public Option<string?> Token { get; } = new("--token") { Description = "An API token (KCP_TOKEN; 'ps' shows what is given here)", Recursive = true, HelpName = "TOKEN" };

    public Option<string?> TokenFile { get; } = new("--token-file") { Description = "A file with the token (KCP_TOKEN_FILE; by default the one ./run wrote)", Recursive = true, HelpName = "FILE" };

    public Option<OutputFormat> Output { get; } = MakeOutput();

    public Option<bool> NoColour { get; } = new("--no-color") { Description = "No colours (as does NO_COLOR)", Recursive = true };

    private static Option<OutputFormat> MakeOutput()
    {
        var option = Choice.Of("--output", "How to answer", "json|table", OutputFormat.Table, ("table", OutputFormat.Table), ("json", OutputFormat.Json));
        option.Aliases.Add("-o");
        option.Recursive = true;
        return option;
    }

    public void AddTo(Command root)
    {
        root.Options.Add(Url);
        root.Options.Add(Token);
        root.Options.Add(TokenFile);
        root.Options.Add(Output);
        root.Options.Add(NoColour);
    }
}
