using System.Diagnostics;

namespace ControlPlane.Kafka.Tests.RealBrokers;

/// <summary>Waits for what a cluster does in its own time.</summary>
internal static class Eventually
{
    public static async Task<T> GetAsync<T>(Func<Task<T>> read, Predicate<T> wanted, string what, CancellationToken cancellationToken, double seconds = 120)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var value = await read();
            if (wanted(value))
            {
                return value;
            }

            if (clock.Elapsed.TotalSeconds > seconds)
            {
                throw new TimeoutException($"After {seconds} s still not: {what}. Last seen: {value}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }
}
