using ControlPlane.Clusters;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ControlPlane.Hosting;

/// <summary>Sends traces and metrics to a collector where OTEL_EXPORTER_OTLP_ENDPOINT names one; the SDK reads the other OTEL_ settings itself.</summary>
internal sealed class Telemetry(ProcessIdentity process) : IHostedService, IDisposable
{
    public const string EndpointKey = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static readonly string[] Sources = ["ControlPlane", "ControlPlane.Kafka", "Microsoft.AspNetCore", "Npgsql", "System.Net.Http"];
    private static readonly string[] Meters = ["ControlPlane", "ControlPlane.Kafka", "Microsoft.AspNetCore.Hosting", "Npgsql", "System.Runtime"];

    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var resource = ResourceBuilder.CreateDefault().AddService("kafka-control-plane", serviceVersion: process.Version, serviceInstanceId: process.Id.ToString());
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Sources).AddOtlpExporter().Build();
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Meters).AddOtlpExporter().Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _traces?.Dispose(); // sends what is still held
        _metrics?.Dispose();
    }
}

internal static class TelemetryServices
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration) =>
        string.IsNullOrWhiteSpace(configuration[Telemetry.EndpointKey]) ? services : services.AddHostedService<Telemetry>();
}
