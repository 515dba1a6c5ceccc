using System.CommandLine;
using System.Net.ServerSentEvents;
using System.Threading.Channels;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Prints a line whenever the state of a cluster changes, fed by the server's events.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    public static Command Create(CommandSet commands)
    {
        var cluster = new Argument<string?>("cluster") { Description = "Id of one cluster; all without it", Arity = ArgumentArity.ZeroOrOne };
        var changes = Paging.NotNegative("--changes", 0, "Stop after so many changes; 0: go on until Ctrl+C");
        return commands.Define("watch", "What changes, as it changes", (run, cancellationToken) =>
            new Watch(run, run.Get(cluster), run.Get(changes)).RunAsync(cancellationToken), cluster, changes);
    }

    /// <summary>One watch: what was shown last, so that only differences are printed.</summary>
    private sealed class Watch(Invocation run, string? cluster, int limit)
    {
        private readonly Dictionary<string, (StatusWord Status, string Sentence)> _shown = [];
        private int _changes;

        public async Task<ExitCode> RunAsync(CancellationToken cancellationToken)
        {
            await ShowChangesAsync(cancellationToken); // a wrong id or token is told at once, not retried
            var pause = TimeSpan.FromSeconds(1);
            try
            {
                while (!Enough)
                {
                    try
                    {
                        await FollowAsync(() => pause = TimeSpan.FromSeconds(1), cancellationToken);
                        run.Printer.Remark(Enough ? "As many changes as asked for." : "The stream ended; connecting again.");
                    }
                    catch (Exception ex) when (ex is CliException or IOException or HttpRequestException)
                    {
                        run.Printer.Remark($"{ex.Message}; trying again in {pause.TotalSeconds:0} s");
                    }

                    if (!Enough)
                    {
                        await Task.Delay(pause, run.Console.Time, cancellationToken);
                        pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Ctrl+C is how a watch ends.
            }

            return _shown.Count == 0 ? ExitCode.Ok : ExitCodes.Of(ExitCodes.Worst(_shown.Values.Select(shown => shown.Status)));
        }

        private bool Enough => limit > 0 && _changes >= limit;

        private async Task FollowAsync(Action connected, CancellationToken cancellationToken)
        {
            var path = cluster is null ? Route.Of("live") : Route.Of("clusters", cluster, "live");
            using var response = await run.Api.OpenStreamAsync(path, cancellationToken);
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            connected();
            await ShowChangesAsync(cancellationToken); // what happened while nobody listened

            // A burst of events is one reason to look, not many.
            var wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var looking = LookAsync(wake.Reader, ended.Token);
            try
            {
                await ReadAsync(stream, wake.Writer, looking, ended.Token);
            }
            finally
            {
                wake.Writer.TryComplete();
                if (Enough || cancellationToken.IsCancellationRequested)
                {
                    await ended.CancelAsync();
                }

                await looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (looking.IsFaulted)
            {
                await looking;
            }
        }

        private static async Task ReadAsync(Stream stream, ChannelWriter<bool> wake, Task looking, CancellationToken cancellationToken)
        {
            await using var events = SseParser.Create(stream).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                var next = events.MoveNextAsync().AsTask();
                if (await Task.WhenAny(next, looking) == looking)
                {
                    await stream.DisposeAsync(); // ends the read that still waits
                    await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    return;
                }

                if (!await next)
                {
                    return;
                }

                wake.TryWrite(true);
            }
        }

        private async Task LookAsync(ChannelReader<bool> wake, CancellationToken cancellationToken)
        {
            while (!Enough && await wake.WaitToReadAsync(cancellationToken))
            {
                await Task.Delay(Settle, run.Console.Time, cancellationToken);
                while (wake.TryRead(out _))
                {
                }

                await ShowChangesAsync(cancellationToken);
            }
        }

        private async Task ShowChangesAsync(CancellationToken cancellationToken)
        {
            foreach (var now in await FetchAsync(cancellationToken))
            {
                var state = (now.Status, now.Sentence);
                var known = _shown.TryGetValue(now.Id, out var before);
                if (known && before == state)
                {
                    continue;
                }

                _shown[now.Id] = state;
                _changes += known ? 1 : 0;
                if (run.Printer.IsJson)
                {
                    run.Printer.JsonLine(now);
                }
                else
                {
                    run.Printer.Status(now.Status, $"{Units.Time(run.Console.Time.GetUtcNow())}  {now.Id}: {now.Sentence}");
                }
            }
        }

        private async Task<IReadOnlyList<ClusterSummaryDto>> FetchAsync(CancellationToken cancellationToken) => cluster is null
            ? await StatusCommands.FetchWholeFleetAsync(run, cancellationToken)
            : [(await run.Api.GetAsync<ClusterOverviewDto>(Route.Of("clusters", cluster, "overview"), cancellationToken)).Summary];
    }
}
