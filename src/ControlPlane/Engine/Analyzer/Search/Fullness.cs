using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>How full brokers are, as the sum of their shares of the bands of disk, bytes in and replicas: what decides among places that cost the same.</summary>
internal sealed class Fullness(Placement placement)
{
    private Bands? _of;
    private double[] _perLoad = [];

    /// <summary>For the bands that the placement is judged by now.</summary>
    public void Update()
    {
        if (ReferenceEquals(_of, placement.Bands))
        {
            return;
        }

        _of = placement.Bands;
        _perLoad = new double[placement.Brokers * Lane.Count];
        for (var at = 0; at < _perLoad.Length; at++)
        {
            var isCounted = at % Lane.Count is Lane.Disk or Lane.BytesIn or Lane.Replicas;
            _perLoad[at] = isCounted && _of.High[at] > 0 && double.IsFinite(_of.High[at]) ? 1 / _of.High[at] : 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Of(int broker)
    {
        var at = broker * Lane.Count;
        return Vector256.Sum((Bands.Load(placement.Load, at) * Bands.Load(_perLoad, at)) + (Bands.Load(placement.Load, at + 4) * Bands.Load(_perLoad, at + 4)));
    }
}
