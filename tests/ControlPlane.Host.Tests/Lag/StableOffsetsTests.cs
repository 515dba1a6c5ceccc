using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Engine.Sampling;
using ControlPlane.Host.Tests.Simulation;
using ControlPlane.Lag;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>More partitions stand still than can be asked about at once.</summary>
public sealed class StableOffsetsTests : IPartitionQuestions
{
    private readonly ManualTime _time = new(SimulatedWorld.Start);
    private readonly List<IReadOnlyCollection<(string Topic, int Partition)>> _asked = [];
    private readonly HashSet<(string, int)> _hanging = [];
    private readonly StableOffsets _stable;

    public StableOffsetsTests() => _stable = new StableOffsets(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_has_a_turn_although_all_are_wanted_every_time()
    {
        await RoundsAsync(5, partitions: 4_500);

        Assert.All(_asked, round => Assert.InRange(round.Count, 1, 1_000));
        Assert.Equal(4_500, _asked.SelectMany(round => round).Distinct().Count());
    }

    [Fact]
    public async Task No_more_than_there_are_and_nobody_twice()
    {
        await RoundsAsync(2, partitions: 30);

        Assert.All(_asked, round => Assert.Equal(30, round.Distinct().Count()));
        Assert.All(_asked, round => Assert.Equal(30, round.Count));
    }

    [Fact]
    public async Task One_that_is_held_by_a_transaction_stays_known_while_the_others_take_turns()
    {
        _hanging.Add(("t", 4_400));
        await RoundsAsync(5, partitions: 4_500);
        Assert.Equal(50, _stable.Find("t", 4_400));
        _asked.Clear();

        for (var round = 0; round < 10; round++)
        {
            await RoundsAsync(1, partitions: 4_500);
            Assert.Equal(50, _stable.Find("t", 4_400));
        }

        Assert.Equal(4_500, _asked.SelectMany(one => one).Distinct().Count());
        _hanging.Clear();
        await RoundsAsync(1, partitions: 4_500);
        Assert.Equal(100, _stable.Find("t", 4_400));
    }

    [Fact]
    public async Task Many_that_are_held_leave_half_of_the_places_to_the_others()
    {
        _hanging.UnionWith(Enumerable.Range(0, 2_000).Select(partition => ("t", partition)));
        await RoundsAsync(12, partitions: 4_500);

        Assert.Equal(4_500, _asked.SelectMany(one => one).Distinct().Count());
    }

    /// <summary>Every group stands at 50; where no transaction hangs, all up to 100 may be read.</summary>
    Task<Sampled<LastStableOffsets>> IPartitionQuestions.FetchLastStableAsync(IReadOnlyCollection<(string Topic, int Partition)> partitions, CancellationToken cancellationToken)
    {
        _asked.Add(partitions);
        var answer = partitions.ToImmutableDictionary(one => one, one => _hanging.Contains(one) ? 50L : 100L);
        return Task.FromResult(new Sampled<LastStableOffsets>(_time.GetUtcNow(), new LastStableOffsets(answer), []));
    }

    Task<Sampled<RecordTimes>> IPartitionQuestions.FetchRecordTimesAsync(IReadOnlyCollection<RecordPosition> places, CancellationToken cancellationToken) => throw new NotSupportedException();

    private async Task RoundsAsync(int rounds, int partitions)
    {
        for (var round = 0; round < rounds; round++)
        {
            for (var partition = 0; partition < partitions; partition++)
            {
                _stable.Want("t", partition, 50);
            }

            _time.Pass(10);
            await _stable.AskAsync(this, Token);
        }
    }
}
