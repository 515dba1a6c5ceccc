using System.CommandLine;

namespace ControlPlane.Cli.Commands;

/// <summary>Scripts that let a shell ask kcp what may come next.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _kcp_complete() {
            local IFS=$'\n'
            local line="kcp${COMP_LINE#"${COMP_WORDS[0]}"}" point=$((COMP_POINT - ${#COMP_WORDS[0]} + 3))
            mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" "[suggest:${point}]" "${line}" 2>/dev/null | awk -v p="${COMP_WORDS[COMP_CWORD]}" 'index($0, p) == 1')
        }
        complete -o default -F _kcp_complete kcp ./kcp
        """;

    private const string Zsh = """
        #compdef kcp
        _kcp_complete() {
            local -a answers
            answers=("${(@f)$("${words[1]}" "[suggest:${#BUFFER}]" "$BUFFER" 2>/dev/null)}")
            compadd -- "${answers[@]}"
        }
        compdef _kcp_complete kcp
        """;

    private const string Fish = """
        function __kcp_complete
            set -l line (commandline -cp)
            kcp "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c kcp -f -a '(__kcp_complete)'
        """;

    public static Command Create(CommandSet commands)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        return commands.Define("completion", "The completion script of a shell: source <(kcp completion bash)", (run, _) =>
        {
            run.Printer.Line(run.Get(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                _ => Fish,
            });
            return Task.FromResult(ExitCode.Ok);
        }, shell);
    }
}
