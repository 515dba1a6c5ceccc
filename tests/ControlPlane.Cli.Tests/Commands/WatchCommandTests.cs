using System.Threading.Channels;
using ControlPlane.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Cli.Tests.Commands;

public sealed class WatchCommandTests
{
    [Fact]
    public async Task A_change_is_printed_once_and_a_lost_stream_is_taken_up_again()
    {
        var now = Some.Cluster("prod");
        var streams = 0;
        var events = Channel.CreateUnbounded<string>();
        await using var api = await FakeApi.StartAsync(app =>
        {
            app.MapGet("/api/v1/clusters/prod/overview", () => Some.Overview(Volatile.Read(ref now)));
            app.MapGet("/api/v1/clusters/prod/live", async (HttpContext context) =>
            {
                context.Response.ContentType = "text/event-stream";
                if (Interlocked.Increment(ref streams) == 1)
                {
                    return; // cut off at once
                }

                Volatile.Write(ref now, Some.Cluster("prod", StatusWord.Crit, "1 of 3 brokers is down."));
                await events.Writer.WriteAsync("data: {}\n\ndata: {}\n\n", context.RequestAborted);
                await foreach (var text in events.Reader.ReadAllAsync(context.RequestAborted))
                {
                    await context.Response.WriteAsync(text, context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                }
            });
        });

        var run = await api.RunAsync("watch", "prod", "--changes", "1");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(2, streams);
        Assert.Contains("connecting again", run.Error, StringComparison.Ordinal);
        var lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("OK", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("CRIT", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_is_not_there_ends_the_watch()
    {
        await using var api = await FakeApi.StartAsync(app => app.MapFallback(() => Results.Problem(title: "There is no cluster nope", statusCode: 404)));

        var run = await api.RunAsync("watch", "nope");

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("There is no cluster nope", run.Error, StringComparison.Ordinal);
        Assert.Single(api.Asked);
    }
}
