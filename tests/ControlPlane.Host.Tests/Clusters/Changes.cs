using ControlPlane.Clusters;

namespace ControlPlane.Host.Tests.Clusters;

/// <summary>Waits by what the product tells of changes, as its live stream does: looks, and looks again after each change, never in between.</summary>
internal static class Changes
{
    /// <param name="watch">Where changes are told; it is heard before the first look, so that none is missed.</param>
    /// <param name="look">Whether it is so, and what is there instead.</param>
    /// <param name="patience">Far beyond what a busy machine takes.</param>
    public static async Task UntilAsync(Func<CancellationToken, IAsyncEnumerable<ClusterChange>> watch, Func<Task<(bool Holds, string Instead)>> look, TimeSpan patience)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(patience);
        var changes = watch(limit.Token).GetAsyncEnumerator(limit.Token);
        Task next = changes.MoveNextAsync().AsTask();
        try
        {
            while (await look() is (false, var instead))
            {
                await next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
                Assert.False(limit.IsCancellationRequested, $"Not within {patience}: {instead}");
                next = changes.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            await limit.CancelAsync();
            await next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await changes.DisposeAsync();
        }
    }

    public static Task UntilAsync(IClusterViews views, Func<Task<bool>> look, string what) =>
        UntilAsync(views.WatchAsync, async () => (await look(), what), TimeSpan.FromMinutes(2));

    public static Task UntilAsync(IClusterViews views, Func<bool> look, string what) => UntilAsync(views, () => Task.FromResult(look()), what);
}
