using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer.Incremental;

/// <summary>Loads of a picture with what is not known of them.</summary>
internal sealed record LoadPart(double[] Loads, bool[] IsEstimated, bool[] SizeKnown, int UnknownSizes, int UnknownRates, bool RatesAreKnown);

/// <summary>
/// What of a picture the optimizer's model is made of, each with what it was read from: samples share the arrays that did not change, so that
/// comparing references tells what has to be read again.
/// </summary>
internal sealed record ModelParts(ClusterModel Picture, int[] Number, int[] Lead, int[] DirStart, LogDir[] Dirs, int[] Dir, bool[] HasFailedDir, ReplicaMarks[] Marks, ImmutableArray<int> Running, LoadPart Load)
{
    public static ModelParts Of(ClusterModel picture, ModelParts? before)
    {
        var table = picture.Partitions;
        var known = before is not null && HasSameShape(before.Picture, picture) ? before : null;
        var listed = known is not null && ReferenceEquals(known.Picture.Partitions.ReplicaBroker, table.ReplicaBroker) ? known : null;
        var (dirStart, dirs) = DirsOf(picture.Brokers);
        bool[] failed = [.. picture.Brokers.Select(broker => FixOfflineRules.IsOnFailedDir(broker, ReplicaFlags.Offline))];
        var sameMarks = listed is not null && ReferenceEquals(listed.Picture.Partitions.ReplicaFlags, table.ReplicaFlags)
            && failed.AsSpan().SequenceEqual(listed.HasFailedDir) && HasSameReassignments(listed.Picture.Reassigning, picture.Reassigning);
        var (marks, running) = sameMarks ? (listed!.Marks, listed.Running) : MarksOf(picture, failed);
        return new ModelParts(
            picture,
            known?.Number ?? [.. Enumerable.Range(0, table.PartitionCount).Select(table.NumberOf)],
            listed is not null && ReferenceEquals(listed.Picture.Partitions.Leader, table.Leader) ? listed.Lead : LeadsOf(table),
            dirStart,
            dirs,
            sameMarks && ReferenceEquals(listed!.Picture.Load.ReplicaLogDir, picture.Load.ReplicaLogDir) && dirStart.AsSpan().SequenceEqual(listed.DirStart) ? listed.Dir : DirOfSlots(picture, dirStart, dirs),
            failed,
            marks,
            running,
            known is not null && HasSameLoads(known.Picture.Load, picture.Load) ? known.Load : LoadsOf(picture));
    }

    /// <summary>The same partitions with as many replicas each: what is not about who holds them stays. Lists that are read anew are other arrays with the same numbers.</summary>
    private static bool HasSameShape(ClusterModel before, ClusterModel now) =>
        Same(before.Partitions.ReplicaStart, now.Partitions.ReplicaStart)
        && Same(before.Partitions.Topic, now.Partitions.Topic)
        && Same(before.Partitions.TopicStart, now.Partitions.TopicStart)
        && before.Brokers.Length == now.Brokers.Length
        && before.Brokers.Zip(now.Brokers).All(pair => pair.First.Id == pair.Second.Id);

    private static bool Same(int[] one, int[] other) => ReferenceEquals(one, other) || one.AsSpan().SequenceEqual(other);

    private static bool HasSameLoads(LoadTable before, LoadTable now) =>
        ReferenceEquals(before.ReplicaBytes, now.ReplicaBytes) && ReferenceEquals(before.BytesIn, now.BytesIn) && ReferenceEquals(before.BytesOut, now.BytesOut);

    private static bool HasSameReassignments(ImmutableArray<int>? before, ImmutableArray<int>? now) =>
        before is { } one && now is { } other ? one.AsSpan().SequenceEqual(other.AsSpan()) : before is null && now is null;

    private static (int[] Start, LogDir[] Dirs) DirsOf(ImmutableArray<Broker> brokers)
    {
        var (start, dirs) = (new int[brokers.Length + 1], new List<LogDir>());
        for (var b = 0; b < brokers.Length; b++)
        {
            dirs.AddRange(brokers[b].LogDirs ?? []);
            start[b + 1] = dirs.Count;
        }

        return (start, [.. dirs]);
    }

    /// <summary>Where a replica was seen last may be a dir that has failed since. Whether it is lost with it is Kafka's to say.</summary>
    private static int[] DirOfSlots(ClusterModel model, int[] dirStart, LogDir[] known)
    {
        var table = model.Partitions;
        var dirs = new int[table.ReplicaCount];
        for (var slot = 0; slot < dirs.Length; slot++)
        {
            var (broker, dir) = (table.ReplicaBroker[slot], slot < model.Load.ReplicaLogDir.Length ? model.Load.ReplicaLogDir[slot] : -1);
            var at = dir >= 0 && dirStart[broker] + dir < dirStart[broker + 1] ? dirStart[broker] + dir : -1;
            dirs[slot] = at >= 0 && known[at].Error is not null && !table.ReplicaFlags[slot].Has(ReplicaFlags.Offline) ? -1 : at;
        }

        return dirs;
    }

    private static (ReplicaMarks[] Marks, ImmutableArray<int> Running) MarksOf(ClusterModel model, bool[] failed)
    {
        var table = model.Partitions;
        var marks = new ReplicaMarks[table.ReplicaCount];
        var running = new SortedSet<int>(model.Reassigning ?? []);
        for (var p = 0; p < table.PartitionCount; p++)
        {
            for (var slot = table.ReplicaStart[p]; slot < table.ReplicaStart[p + 1]; slot++)
            {
                var flags = table.ReplicaFlags[slot];
                marks[slot] = (flags.Has(ReplicaFlags.InSync) ? ReplicaMarks.None : ReplicaMarks.OutOfSync)
                    | (failed[table.ReplicaBroker[slot]] && flags.Has(ReplicaFlags.Offline) ? ReplicaMarks.Offline : ReplicaMarks.None)
                    | (flags.Has(ReplicaFlags.Adding) ? ReplicaMarks.Adding : ReplicaMarks.None)
                    | (flags.Has(ReplicaFlags.Removing) ? ReplicaMarks.Removing : ReplicaMarks.None);
                if ((marks[slot] & (ReplicaMarks.Adding | ReplicaMarks.Removing)) != ReplicaMarks.None)
                {
                    running.Add(p);
                }
            }
        }

        foreach (var p in running)
        {
            for (var slot = table.ReplicaStart[p]; slot < table.ReplicaStart[p + 1]; slot++)
            {
                marks[slot] |= marks[slot].Has(ReplicaMarks.Removing) ? ReplicaMarks.None : ReplicaMarks.Staying;
            }
        }

        return (marks, [.. running]);
    }

    private static int[] LeadsOf(PartitionTable table)
    {
        var leads = new int[table.PartitionCount];
        for (var p = 0; p < leads.Length; p++)
        {
            var place = table.Leader[p] < 0 ? -1 : table.ReplicasOf(p).IndexOf(table.Leader[p]);
            leads[p] = place < 0 ? -1 : table.ReplicaStart[p] + place;
        }

        return leads;
    }

    private static LoadPart LoadsOf(ClusterModel model)
    {
        var (table, load) = (model.Partitions, model.Load);
        var sizes = PictureLoads.Sizes(table, load, out var sizeKnown);
        var (rates, estimated, loads) = (new double[sizes.Length], new bool[sizes.Length], new double[sizes.Length * LoadOf.Count]);
        var (unknownRates, unknownSizes) = (0, 0);
        for (var p = 0; p < sizes.Length; p++)
        {
            rates[p] = p < load.BytesIn.Length ? load.BytesIn[p] : double.NaN;
            estimated[p] = double.IsNaN(rates[p]) || !sizeKnown[p];
            (unknownRates, unknownSizes) = (unknownRates + (double.IsNaN(rates[p]) ? 1 : 0), unknownSizes + (sizeKnown[p] ? 0 : 1));
        }

        var ratesKnown = sizes.Length > 0 && unknownRates * 2 <= sizes.Length;
        PictureLoads.Estimate(table, rates);
        for (var p = 0; p < sizes.Length; p++)
        {
            var at = p * LoadOf.Count;
            var consumed = p < load.BytesOut.Length ? load.BytesOut[p] : double.NaN;
            loads[at + LoadOf.BytesIn] = rates[p];
            loads[at + LoadOf.BytesOut] = double.IsNaN(consumed) ? 0 : consumed; // nobody commits offsets there: no consumer that could be counted
            loads[at + LoadOf.Size] = sizes[p];
        }

        return new LoadPart(loads, estimated, sizeKnown, unknownSizes, unknownRates, ratesKnown);
    }
}
