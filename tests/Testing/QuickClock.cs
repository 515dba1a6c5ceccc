using System.Globalization;
using ControlPlane.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

[assembly: HostingStartup(typeof(QuickClock))]

namespace ControlPlane.Testing
{
    /// <summary>Gives a <see cref="ProductProcess"/> a clock that runs so many times as fast: its rules wait for minutes, a story should not.</summary>
    /// <remarks>The database keeps the wall's time. Whatever is compared with that (leases, deliveries) is not quicker.</remarks>
    public sealed class QuickClock : IHostingStartup
    {
        private const string Times = "KCP_QUICK_CLOCK";

        /// <summary>What <see cref="ProductProcess.StartAsync"/> has to be told.</summary>
        public static IReadOnlyDictionary<string, string> Settings(int times) => new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Times] = times.ToString(CultureInfo.InvariantCulture),
            ["DOTNET_STARTUP_HOOKS"] = typeof(QuickClock).Assembly.Location,
            ["ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"] = typeof(QuickClock).Assembly.GetName().Name!,
            ["Storage__Lease"] = "00:05:00", // of real time for the database, of quick time for the process
        };

        /// <summary>Comes before the product's own services, which take the clock that is there.</summary>
        public void Configure(IWebHostBuilder builder)
        {
            if (int.TryParse(Environment.GetEnvironmentVariable(Times), CultureInfo.InvariantCulture, out var times))
            {
                builder.ConfigureServices(services => services.AddSingleton<TimeProvider>(new QuickTime(times)));
            }
        }
    }
}

#pragma warning disable MA0047 // the runtime wants it without a namespace
/// <summary>Looked for by this name in each startup hook: that it is looked for loads this assembly, which the product does not know.</summary>
internal static class StartupHook
{
    public static void Initialize()
    {
    }
}
#pragma warning restore MA0047
