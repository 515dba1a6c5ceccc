using System.Globalization;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;
using ControlPlane.Simulation;

namespace ControlPlane.Benchmarks;

internal static class OptimizerReplan
{
    public static IReadOnlyList<Figure> Run()
    {
        var model = PlanFixOffline.Picture(new SimulationSpec { Brokers = 500, Racks = 10, LogDirsPerBroker = 2, Topics = 2000, PartitionsPerTopic = 25, Groups = 1, Seed = 1 });
        for (var i = 0; i < 8; i++)
        {
            var clock = Stopclock.Start();
            var built = OptimizerModels.From(model, BrokerCapacities.Unknown);
            var a = clock.WallSince; clock = Stopclock.Start();
            var wish = built.Fit(new OptimizerWish { Mode = OptimizerMode.FixOffline, MandatoryOnly = true });
            Optimizer.Check(built.Model, wish);
            var b = clock.WallSince; clock = Stopclock.Start();
            var p = new Placement(PlanFixOffline.ArraysOf(model));
            var c = clock.WallSince; clock = Stopclock.Start();
            var r = Optimizer.Run(built.Model, wish, null, default);
            var d = clock.WallSince; clock = Stopclock.Start();
            var v = OptimizerVerifier.Check(built.Model, wish, r);
            var e = clock.WallSince;
            Console.WriteLine($"from {a.TotalMilliseconds:0.0} check {b.TotalMilliseconds:0.0} placement+arrays {c.TotalMilliseconds:0.0} run {d.TotalMilliseconds:0.0} verify {e.TotalMilliseconds:0.0} moves {r.ReplicaMoves}");
        }
        return [];
    }
}
