using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Waits for a run of the optimizer and tells each phase once it has begun. Ctrl+C ends the run, too: nobody waits for it any more.</summary>
internal static class OptimizerWatch
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    public static async Task<OptimizerRunDto> EndAsync(Invocation run, OptimizerRunDto started, CancellationToken cancellationToken)
    {
        var path = Route.Of("clusters", started.Cluster, "optimizer-runs", started.Id.ToString());
        try
        {
            var (seen, told) = (started, 0);
            while (seen.State == "running")
            {
                await Task.Delay(Look, run.Console.Time, cancellationToken);
                seen = await run.Api.GetAsync<OptimizerRunDto>(path, cancellationToken);
                foreach (var phase in seen.Phases.Skip(told))
                {
                    run.Printer.Remark($"{phase.Seconds,6:0.0} s  {phase.Phase,-10}  {Units.Count(phase.Moves)} moves, {Units.Size(phase.Bytes)}, {Units.Count(phase.BrokersOutside)} brokers out of band");
                }

                told = seen.Phases.Count;
            }

            return seen;
        }
        catch (OperationCanceledException)
        {
            await run.Api.SendAsync(HttpMethod.Delete, path, null, CancellationToken.None);
            throw;
        }
    }
}
