using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Engine.Analyzer;

/// <summary>A fingerprint of everything a plan would do: who approves it names what he has seen.</summary>
public static class PlanHash
{
    public static string Of(RebalancePlan plan)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(plan.Cluster.Value);
            writer.Write(plan.KafkaClusterId ?? "");
            writer.Write((int)plan.Mode);
            writer.Write(plan.Limits.MovesPerBroker);
            writer.Write(plan.Limits.ThrottleBytesPerSecond ?? -1);
            writer.Write(plan.Moves.Length);
            foreach (var move in plan.Moves)
            {
                writer.Write(move.Topic);
                writer.Write(move.TopicId.ToByteArray());
                writer.Write(move.Partition);
                Write(writer, move.Before.AsSpan());
                Write(writer, move.After.AsSpan());
                foreach (var dir in move.Dirs)
                {
                    writer.Write(dir.Broker);
                    writer.Write(dir.From ?? "");
                    writer.Write(dir.To);
                }
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }

    private static void Write(BinaryWriter writer, ReadOnlySpan<int> brokers)
    {
        writer.Write(brokers.Length);
        foreach (var broker in brokers)
        {
            writer.Write(broker);
        }
    }
}
