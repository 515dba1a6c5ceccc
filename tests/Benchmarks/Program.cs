using System.Globalization;
using BenchmarkDotNet.Running;
using ControlPlane.Benchmarks;
using ControlPlane.Benchmarks.CatchUp;
using ControlPlane.Benchmarks.Polling;

// Prints rows for docs/benchmarks.md. The exit code is 0 unless something crashed: figures are judged by people, not by a build.
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
switch (args)
{
    case ["model-scale"]:
        Report.Print("model-scale", ModelScale.Run(ModelScale.Full));
        return 0;
    case ["fleet"]:
        Report.Print("fleet", await FleetLoad.RunAsync(FleetLoad.Full, stop.Token));
        return 0;
    case ["detect", .. var kills]:
        Report.Print("detect", await RealClusterFigures.KillToShownAsync(kills is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 10, stop.Token));
        return 0;
    case ["sampling-cost"]:
        Report.Print("sampling-cost", await RealClusterFigures.SamplingCostAsync(TimeSpan.FromMinutes(2), stop.Token));
        return 0;
    case ["api", var url, var token, var cluster]:
        Report.Print("api", await ApiLoad.RunAsync(new Uri(url), token, cluster, perSecond: 200, TimeSpan.FromSeconds(30), stop.Token));
        return 0;
    case ["incident", .. var times]:
        Report.Print("incident", await IncidentFigures.RunAsync(Times(times, 0), Times(times, 1), stop.Token));
        return 0;
    case ["plan-fix-offline"]:
        Report.Print("plan-fix-offline", PlanFixOffline.Run());
        return 0;
    case ["optimizer-cluster", var size, .. var options]:
        return OptimizerBenchmark.MakeCluster(size, options);
    case ["optimizer", .. var rows]:
        return await OptimizerTable.RunAsync(isSmoke: false, rows, stop.Token);
    case ["optimizer-replan"]:
        Report.Print("optimizer-replan", OptimizerReplan.Run());
        return 0;
    case ["optimizer-smoke"]:
        return await OptimizerTable.RunAsync(isSmoke: true, [], stop.Token);
    case ["optimizer-read", var path]:
        Report.Print("optimizer-read", OptimizerBenchmark.Read(path));
        return 0;
    case ["lag", .. var words]:
        Report.Print("lag", await LagFigures.RunAsync(LagFigures.Full, words, stop.Token));
        return 0;
    case ["lag-memory"]:
        Report.Print("lag-memory", await LagMemoryFigures.RunAsync(stop.Token));
        return 0;
    case ["lag-smoke"]:
        Report.Print("lag, small", await LagFigures.RunAsync(LagFigures.Small, [], stop.Token));
        return 0;
    case ["offsets"]:
        Report.Print("offsets", OffsetsBenchmark.Run(groups: 50_000, partitionsEach: 20, seconds: 5));
        return 0;
    case ["catch-up", .. var millions]:
        Report.Print("catch-up", await CatchUpFigures.RunAsync((millions is [var many] ? int.Parse(many, CultureInfo.InvariantCulture) : 20) * 1_000_000L, stop.Token));
        return 0;
    case ["polling"]:
        Report.Print("polling", await PollingFigures.RunAsync(stop.Token));
        return 0;
    case ["polling-brokers"]:
        return await FakeCoordinators.ServeAsync(stop.Token);
    case ["smoke"]:
        Report.Print("model-scale, small", ModelScale.Run(ModelScale.Small));
        Report.Print("offsets, small", OffsetsBenchmark.Run(groups: 1_000, partitionsEach: 5, seconds: 0.5));
        Report.Print("fleet, small", await FleetLoad.RunAsync(FleetLoad.Small, stop.Token));
        return 0;
    case ["micro", .. var rest]:
        BenchmarkSwitcher.FromAssembly(typeof(SimulationBenchmarks).Assembly).Run(rest.Length == 0 ? ["--filter", "*"] : rest);
        return 0;
    default:
        await Console.Error.WriteLineAsync(
            """
            Expected one of:
              model-scale   first full model and a round with 1 % changed: 1,000 brokers, 500,000 partitions
              fleet         100 clusters of 40 brokers and 1,000 topics at default cadence for a minute
              detect [n]    kill -9 of a real broker until the API shows it as Down, n times (10)
              sampling-cost requests and bytes a minute that watching costs a real cluster of 3 brokers and 1,000 partitions
              api URL TOKEN CLUSTER   overview, brokers and topics of a running product at 200 requests a second for 30 s
              incident [n [m]]  n times (10): kill -9 of a real broker, page, plan, approval, move, return; then m restarts (10) of our process in slow executions
              plan-fix-offline   a plan for 2 dead brokers: 500 brokers and 50,000 partitions, 1,000 and 100,000; time and quality
              optimizer [WORD ...]   kcp optimize on random clusters, each run a cold process, judged independently; only rows with these words
              optimizer-smoke        the same on small ones, in seconds
              optimizer-replan       500 brokers and 50,000 partitions after a change: on the model that was kept, and on one built anew
              optimizer-cluster SIZE [--shape S] [--seed N] [...] --out FILE   a random cluster of size S, CB, M, L, H or XL as a model file
              optimizer-read FILE   how fast a model file is read, and what that takes
              lag [WORD ...]   a million partitions of groups: memory of the store, commits a second, all of them judged; windows a second of kcp lag evaluate
              lag-memory    a million partitions of groups into PostgreSQL and back: bytes, seconds, and how long the reader stands still
              lag-smoke     the same on a twentieth of it, in a second
              offsets       commits a second out of record batches of the offsets topic, decoded and handed over
              catch-up [n]  n million records (20) in __consumer_offsets of a real broker, read from the beginning by the product, and by Burrow beside it
              polling       65,184 groups and 2,495 partitions polled from fake brokers over sockets: time, memory, and what it costs their coordinators
              smoke         a short version of both, under a minute
              micro [args]  BenchmarkDotNet on the hot paths of the simulation; args are BenchmarkDotNet's
            Run with: dotnet run -c Release --project tests/Benchmarks -- <one of them>
            """);
        return 2;
}

static int Times(string[] args, int place) => args.Length > place ? int.Parse(args[place], CultureInfo.InvariantCulture) : 10;
