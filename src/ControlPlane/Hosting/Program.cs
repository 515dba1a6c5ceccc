using ControlPlane.Alerts;
using ControlPlane.Analyzer;
using ControlPlane.Anomalies;
using ControlPlane.Api;
using ControlPlane.Clusters;
using ControlPlane.Connectivity;
using ControlPlane.Execution;
using ControlPlane.Healing;
using ControlPlane.Hosting;
using ControlPlane.Lag;
using ControlPlane.Lag.Memory;
using ControlPlane.Sampling;
using ControlPlane.Storage;
using ControlPlane.Ui;
using Microsoft.Extensions.Options;

// Its files lie beside it, wherever it is started from; what a build left in the projects' own folders counts until it is published.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.UseStaticWebAssets();
var isStarted = false;
builder.Logging.AddProductFilters(() => isStarted);

// In the order of the pipeline.
builder.Services.AddStorage(builder.Configuration);
builder.Services.AddClusters();
builder.Services.AddConnectivity();
builder.Services.AddSampling(builder.Configuration);
builder.Services.AddLag(builder.Configuration);
builder.Services.AddAnomalies();
builder.Services.AddAnalyzer();
builder.Services.AddHealing();
builder.Services.AddExecution(builder.Configuration);
builder.Services.AddAlerts(builder.Configuration);
builder.Services.AddApi(builder.Configuration);
builder.Services.AddUi();
builder.Services.AddHosting(builder.Configuration);

try
{
    await using var app = builder.Build();
    app.Services.GetRequiredService<IStartupValidator>().Validate(); // all wrong settings at once, before anything reads the first of them
    app.Services.GetRequiredService<ClusterMetrics>(); // its gauges exist from the first scrape on
    app.Services.GetRequiredService<LagMetrics>();
    app.Services.GetRequiredService<LagMemoryMeter>();
    app.Services.GetRequiredService<AnomalyMetrics>();
    app.Services.GetRequiredService<HealingMetrics>();
    app.Services.GetRequiredService<ExecutionMetrics>();
    app.MapApi();
    app.MapUi();
    app.MapHealth();
    try
    {
        await app.StartAsync();
        isStarted = true;
    }
    catch
    {
        await app.StopAsync(); // what had started before the failure; the threads of the job scheduler would keep the process alive
        throw;
    }

    await app.WaitForShutdownAsync();
    return Environment.ExitCode;
}
catch (OperationCanceledException) when (Environment.ExitCode != 0)
{
    return Environment.ExitCode; // a part of the start has said why it can't be, and ended the rest
}
catch (Exception ex) when (StartFailures.Explain(ex, builder.Configuration) is { } problem)
{
    await Console.Error.WriteLineAsync(problem);
    return StartFailures.ExitCode;
}
