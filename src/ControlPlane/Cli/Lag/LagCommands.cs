using System.CommandLine;
using ControlPlane.Cli.Commands;
using ControlPlane.Engine.Lag;

namespace ControlPlane.Cli.Lag;

/// <summary>kcp lag: how far consumers are behind, and what that means.</summary>
internal static class LagCommands
{
    public static Command Create(CommandSet commands) =>
        CommandSet.Group("lag", "How far consumers are behind, and what that means",
            LagQueries.List(commands), LagQueries.Show(commands), LagQueries.Explain(commands), LagQueries.Watch(commands), GroupChangeCommands.Reset(commands, "reset"), Evaluate(commands));

    private static Command Evaluate(CommandSet commands)
    {
        var mode = Choice.Of("--mode", "Which rules judge: ours, or Burrow's to the letter", "default|burrow", LagMode.Default, ("default", LagMode.Default), ("burrow", LagMode.Burrow));
        var worst = new Option<bool>("--worst") { Description = "Exit code by the worst verdict: 0 OK, 1 WARN, 2 STOP, STALL or REWIND" };
        return commands.Define(
            "evaluate",
            "Judge commit windows: lines of JSON on stdin, a verdict a line on stdout (src/ControlPlane/Engine/Lag/README.md); no server is asked. Exit code 3 when lines were refused",
            // Elsewhere, and not waited for once Ctrl+C was pressed: reading a terminal can't be interrupted.
            (run, cancellation) => Task.Run(() => Run(run, run.Get(mode), run.Get(worst), cancellation), CancellationToken.None).WaitAsync(cancellation),
            mode, worst);
    }

    private static ExitCode Run(Invocation run, LagMode mode, bool isByWorst, CancellationToken cancellation)
    {
        using var streams = new CliStreams(run.Console);
        var evaluation = new WindowEvaluation(mode, run.Console.Error);
        try
        {
            evaluation.Run(streams.In, streams.Out, cancellation);
        }
        catch (IOException broken)
        {
            throw new CliException($"stdin can't be read or stdout can't be written: {broken.Message}", "windows on stdin, a reader on stdout", "kcp lag evaluate < windows.ndjson > verdicts.ndjson", broken);
        }

        if (evaluation.Refused > 0)
        {
            throw new CliException(
                $"{evaluation.Refused} of {evaluation.Lines} lines on stdin were refused, {evaluation.Lines - evaluation.Refused} judged",
                "a window a line, such as " + WindowLine.Example, "correct the lines named above; kcp lag evaluate --help");
        }

        return !isByWorst ? ExitCode.Ok : evaluation.Worst switch
        {
            PartitionLagStatus.Ok => ExitCode.Ok,
            PartitionLagStatus.Warn => ExitCode.Warning,
            _ => ExitCode.Critical,
        };
    }
}
