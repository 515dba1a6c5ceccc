using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// The least that any plan copies that ends inside the bands, by what must leave and what must arrive (optimizer.md 7). What leaves is judged
/// broker by broker: each copy leaves one. A replica counts as gone only where its broker is no longer in the list, so plans that let replicas
/// of one partition change places can't undercut it. For a plan that ends outside the bands it says nothing.
/// </summary>
internal static class LowerBounds
{
    /// <summary>Goals let rounding pass; so must the bound, or it would lie above a plan that ends on the very edge.</summary>
    private const double Tolerance = 2e-9;

    /// <summary>Lanes that leadership does not carry; of CPU only the part that every replica causes.</summary>
    private static readonly int[] Bound = [Lane.Cpu, Lane.BytesIn, Lane.Disk, Lane.Replicas, Lane.PotentialBytesOut];

    public static LowerBound Of(OptimizerProblem problem, Bands bands) => Of(problem, bands, problem.NewPlacement());

    /// <summary>The same where a placement that nothing has been moved in exists already.</summary>
    public static LowerBound Of(OptimizerProblem problem, Bands bands, Placement original)
    {
        var work = new Work(problem, bands, original);
        var offline = work.Offline();
        var kept = work.Kept();
        var leaving = work.Leaving(kept);
        var racks = work.Racks();
        var arriving = work.Arriving(kept);
        return new LowerBound(
            offline.Bytes + Math.Max(Math.Max(leaving.Bytes, racks.Bytes), arriving.Bytes),
            (int)(offline.Moves + Math.Max(Math.Max(leaving.Moves, racks.Moves), arriving.Moves)));
    }

    private sealed class Work(OptimizerProblem problem, Bands bands, Placement original)
    {
        private readonly PlacementArrays _arrays = problem.Arrays;

        /// <summary>What a smaller RF drops; null: nothing is dropped anywhere.</summary>
        private readonly bool[]? _drops = Drops(problem);

        /// <summary>Copies that have to be made whatever the bands say.</summary>
        public (double Bytes, double Moves) Offline()
        {
            var (bytes, moves) = (0.0, 0);
            for (var partition = 0; partition < problem.Partitions; partition++)
            {
                var lost = problem.MustMove.AsSpan(_arrays.Start[partition].._arrays.Start[partition + 1]).Count(true);
                if (lost > 0 && HasSource(partition))
                {
                    var copies = Math.Max(0, lost - ReusableDrops(partition));
                    (bytes, moves) = (bytes + (copies * original.DiskOf(partition)), moves + copies);
                }
            }

            return (bytes, moves);
        }

        /// <summary>By row and bound lane the least that is left of its load if nothing but lost replicas went.</summary>
        public double[] Kept()
        {
            var kept = new double[original.Rows * Bound.Length];
            Span<double> loads = stackalloc double[Bound.Length];
            for (var slot = 0; slot < _arrays.Current.Length; slot++)
            {
                if (problem.MustMove[slot])
                {
                    continue;
                }

                Loads(original.Part[slot], loads);
                Add(_arrays.Current[slot], loads);
                if (original.Hosts.RowOf[_arrays.Current[slot]] is >= 0 and var host)
                {
                    Add(host, loads);
                }
            }

            return kept;

            void Add(int row, ReadOnlySpan<double> loads)
            {
                for (var lane = 0; lane < loads.Length; lane++)
                {
                    kept[(row * loads.Length) + lane] += loads[lane];
                }
            }
        }

        /// <summary>What has to leave brokers above their bands.</summary>
        public (double Bytes, double Moves) Leaving(double[] kept)
        {
            var found = new (double Bytes, double Moves)[original.Rows];
            Workers.For(original.Rows, problem.Wish.Threads, () => new CoveringDual(Bound.Length), (row, dual) => found[row] = Leaving(row, kept, dual));
            return OverHosts(found);
        }

        /// <summary>Replicas that share a rack in more than their number allows.</summary>
        public (double Bytes, double Moves) Racks()
        {
            var (bytes, moves, racks) = (0.0, 0, RackAwareGoal.LivingRacks(original));
            Span<int> held = stackalloc int[64];
            for (var partition = 0; MendsRacks() && partition < problem.Partitions; partition++)
            {
                var (start, end) = (_arrays.Start[partition], _arrays.Start[partition + 1]);
                if (!problem.IsMovable[partition] || end - start > held.Length || racks == 0 || _drops?[partition] == true)
                {
                    continue;
                }

                var count = 0;
                for (var slot = start; slot < end; slot++)
                {
                    if (!problem.MustMove[slot])
                    {
                        held[count++] = _arrays.Current[slot];
                    }
                }

                var (floor, spare) = ((end - start) / racks, (end - start) % racks);
                var far = RackSpread.Surplus(_arrays.Rack, held[..count], floor + (spare > 0 ? 1 : 0));
                var surplus = Math.Max(far, RackSpread.Surplus(_arrays.Rack, held[..count], floor) - spare);
                (bytes, moves) = surplus > 0 ? (bytes + (surplus * original.DiskOf(partition)), moves + surplus) : (bytes, moves);
            }

            return (bytes, moves);
        }

        /// <summary>What has to arrive on brokers below their bands, beyond the lost replicas, which arrive somewhere anyway.</summary>
        public (double Bytes, double Moves) Arriving(double[] kept)
        {
            var needs = Missing(kept);
            if (needs.All(need => need <= 0))
            {
                return (0, 0);
            }

            var dual = new CoveringDual(Bound.Length);
            Span<double> loads = stackalloc double[Bound.Length];
            for (var partition = 0; partition < problem.Partitions; partition++)
            {
                var replicas = _arrays.Start[partition + 1] - _arrays.Start[partition];
                var lost = problem.MustMove.AsSpan(_arrays.Start[partition].._arrays.Start[partition + 1]).Count(true);
                Loads(partition, loads);
                for (var lane = 0; lane < loads.Length; lane++)
                {
                    needs[lane] -= lost * loads[lane];
                    loads[lane] *= replicas - lost;
                }

                if (problem.IsMovable[partition] && replicas > lost)
                {
                    var price = _drops?[partition] == true ? 0 : replicas - lost;
                    dual.Add(price * original.DiskOf(partition), price, loads);
                }
            }

            var (bytes, moves) = dual.Bound(needs);
            return (Math.Max(0, bytes), Whole(moves));
        }

        /// <summary>Dropping replicas lets another of the partition take the place of one that goes, which copies nothing.</summary>
        private static bool[]? Drops(OptimizerProblem problem)
        {
            if (problem.Wish.Mode != OptimizerMode.ReplicationFactor)
            {
                return null;
            }

            var drops = new bool[problem.Partitions];
            for (var partition = 0; partition < drops.Length; partition++)
            {
                var (start, end) = (problem.Arrays.Start[partition], problem.Arrays.Start[partition + 1]);
                drops[partition] = end - start - problem.ModelSlot.AsSpan(start..end).Count(-1) < problem.Model.ReplicasOf(partition);
            }

            return drops;
        }

        private int ReusableDrops(int partition)
        {
            if (_drops?[partition] != true)
            {
                return 0;
            }

            var (model, free) = (problem.Model, 0);
            var own = problem.ModelSlot.AsSpan(_arrays.Start[partition].._arrays.Start[partition + 1]);
            for (var slot = model.Start[partition]; slot < model.Start[partition + 1]; slot++)
            {
                free += !own.Contains(slot) && _arrays.Alive[model.Broker[slot]] ? 1 : 0;
            }

            return free;
        }

        /// <summary>A partition all of whose replicas are gone is left alone by every plan.</summary>
        private bool HasSource(int partition)
        {
            var model = problem.Model;
            for (var slot = model.Start[partition]; slot < model.Start[partition + 1]; slot++)
            {
                var isOffline = (model.Marks.Length > 0 && model.Marks[slot].Has(ReplicaMarks.Offline))
                    || (model.Dir.Length > 0 && model.Dir[slot] >= 0 && !model.DirAlive[model.Dir[slot]]);
                if (!isOffline && model.Conditions[model.Broker[slot]] != BrokerCondition.Dead)
                {
                    return true;
                }
            }

            return false;
        }

        /// <summary>Where racks are mended, a plan that reaches its goals has them all mended.</summary>
        private bool MendsRacks() =>
            (!problem.Wish.MandatoryOnly || problem.Wish.Mode == OptimizerMode.RackRepair)
            && problem.Wish.Mode is not (OptimizerMode.MinimalRepair or OptimizerMode.DemoteBrokers or OptimizerMode.PreferredLeaders or OptimizerMode.DiskBalance or OptimizerMode.RemoveDirs)
            && problem.Goals.Any(goal => goal is RackAwareGoal or RackAwareDistributionGoal);

        /// <summary>In the order of <see cref="Bound"/> the lesser of what the partition weighs led and not led.</summary>
        private void Loads(int partition, Span<double> loads)
        {
            var own = _arrays.Loads.Of(partition);
            loads[0] = Math.Min(own[LoadOf.Cpu], own[LoadOf.FollowerCpu]);
            (loads[1], loads[2], loads[3], loads[4]) = (own[LoadOf.BytesIn], own[LoadOf.Size], 1, own[LoadOf.BytesOut]);
        }

        private (double Bytes, double Moves) Leaving(int row, double[] kept, CoveringDual dual)
        {
            Span<double> needs = stackalloc double[Bound.Length];
            var isOver = false;
            for (var lane = 0; lane < needs.Length; lane++)
            {
                var high = HighOf(row, Bound[lane]);
                needs[lane] = double.IsPositiveInfinity(high) ? 0 : kept[(row * needs.Length) + lane] - high - (Tolerance * Math.Max(1, high));
                isOver |= needs[lane] > 0;
            }

            if (!isOver)
            {
                return (0, 0);
            }

            dual.Clear();
            if (row < original.Brokers)
            {
                Collect(row, dual);
            }
            else
            {
                foreach (var broker in original.Hosts.Members[row - original.Brokers])
                {
                    Collect(broker, dual);
                }
            }

            var (bytes, moves) = dual.Bound(needs);
            return (bytes, Whole(moves));
        }

        private void Collect(int broker, CoveringDual dual)
        {
            Span<double> loads = stackalloc double[Bound.Length];
            foreach (var slot in original.ReplicasOf(broker))
            {
                var partition = original.Part[slot];
                if (!problem.MustMove[slot] && problem.IsMovable[partition])
                {
                    var isFree = _drops?[partition] == true;
                    Loads(partition, loads);
                    dual.Add(isFree ? 0 : original.DiskOf(partition), isFree ? 0 : 1, loads);
                }
            }
        }

        /// <summary>A replica that leaves a host leaves a broker: of host and brokers the larger bound holds, never both.</summary>
        private (double Bytes, double Moves) OverHosts((double Bytes, double Moves)[] found)
        {
            var (bytes, moves) = (0.0, 0.0);
            for (var broker = 0; broker < original.Brokers; broker++)
            {
                if (original.Hosts.RowOf[broker] < 0)
                {
                    (bytes, moves) = (bytes + found[broker].Bytes, moves + found[broker].Moves);
                }
            }

            for (var host = 0; host < original.Hosts.Count; host++)
            {
                var members = original.Hosts.Members[host];
                var own = found[original.Brokers + host];
                bytes += Math.Max(own.Bytes, members.Sum(broker => found[broker].Bytes));
                moves += Math.Max(own.Moves, members.Sum(broker => found[broker].Moves));
            }

            return (bytes, moves);
        }

        /// <summary>What is missing below all bands together; of CPU leadership may bring it, and the network that may be given out has no lower edge.</summary>
        private double[] Missing(double[] kept)
        {
            var needs = new double[Bound.Length];
            for (var lane = 0; lane < needs.Length; lane++)
            {
                if (Bound[lane] is Lane.Cpu or Lane.PotentialBytesOut)
                {
                    continue;
                }

                for (var broker = 0; broker < original.Brokers; broker++)
                {
                    needs[lane] += original.Hosts.RowOf[broker] < 0 ? Below(broker, lane) : 0;
                }

                for (var host = 0; host < original.Hosts.Count; host++)
                {
                    needs[lane] += Math.Max(Below(original.Brokers + host, lane), original.Hosts.Members[host].Sum(broker => Below(broker, lane)));
                }
            }

            return needs;

            double Below(int row, int lane)
            {
                var low = LowOf(row, Bound[lane]);
                return Math.Max(0, low - kept[(row * Bound.Length) + lane] - (Tolerance * Math.Max(1, low)));
            }
        }

        private double HighOf(int row, int lane)
        {
            var at = (row * Lane.Count) + lane;
            return !IsJudged(row) ? double.PositiveInfinity
                : bands.W1[at] > 0 ? Math.Min(bands.High[at], bands.Hard[at])
                : double.PositiveInfinity; // without weight a limit binds moves, not ends
        }

        private double LowOf(int row, int lane)
        {
            var at = (row * Lane.Count) + lane;
            return IsJudged(row) && bands.W1[at] > 0 ? bands.Low[at] : 0;
        }

        private bool IsJudged(int row) => row >= original.Brokers || _arrays.Alive[row];

        private static double Whole(double moves) => Math.Max(0, Math.Ceiling(moves - 1e-6));
    }
}
