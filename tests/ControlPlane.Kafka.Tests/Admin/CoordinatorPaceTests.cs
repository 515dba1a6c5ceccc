using ControlPlane.Kafka.Admin;
using Xunit;

namespace ControlPlane.Kafka.Tests.Admin;

/// <summary>How much is asked of a coordinator, and how that changes with its answers.</summary>
public sealed class CoordinatorPaceTests
{
    private readonly CoordinatorPace _pace = new();

    [Fact]
    public void Quick_answers_make_requests_larger_up_to_a_limit()
    {
        for (var i = 0; i < 20; i++)
        {
            Answer(10);
        }

        Assert.Equal((CoordinatorPace.MostGroups, TimeSpan.Zero), (_pace.Groups, _pace.Pause));
    }

    [Fact]
    public void A_far_coordinator_is_not_a_slow_one()
    {
        for (var i = 0; i < 20; i++)
        {
            Answer(400); // all of it the way there and back
        }

        Assert.Equal((CoordinatorPace.MostGroups, TimeSpan.Zero), (_pace.Groups, _pace.Pause));
    }

    [Fact]
    public void A_coordinator_that_grows_slow_gets_less_and_less_and_rests_as_long_as_it_worked()
    {
        Answer(10);
        var before = _pace.Groups;

        Answer(500);
        Assert.Equal((before / 2, TimeSpan.FromMilliseconds(500)), (_pace.Groups, _pace.Pause));
        for (var i = 0; i < 10; i++)
        {
            Answer(500);
        }

        Assert.Equal(1, _pace.Groups);
        for (var i = 0; i < 40; i++)
        {
            Answer(10);
        }

        Assert.Equal((CoordinatorPace.MostGroups, TimeSpan.Zero), (_pace.Groups, _pace.Pause));
    }

    [Fact]
    public void A_throttled_answer_halves_the_next_request()
    {
        _pace.Answered(CoordinatorPace.FirstGroups, 100, TimeSpan.FromMilliseconds(5), isThrottled: true);

        Assert.Equal((CoordinatorPace.FirstGroups / 2, TimeSpan.FromMilliseconds(5)), (_pace.Groups, _pace.Pause));
    }

    [Fact]
    public void No_answer_leaves_a_quarter()
    {
        _pace.Failed(TimeSpan.FromSeconds(15));

        Assert.Equal((CoordinatorPace.FirstGroups / 4, TimeSpan.FromSeconds(2)), (_pace.Groups, _pace.Pause));
    }

    [Fact]
    public void An_answer_holds_no_more_than_so_many_partitions_but_always_one_group()
    {
        Assert.Equal(8, _pace.Next([2_495, 2_495, 2_495, 2_495, 2_495, 2_495, 2_495, 2_495, 2_495]));
        Assert.Equal(1, _pace.Next([1_000_000, 1]));
        Assert.Equal(3, _pace.Next([null, 1, null]));
        Assert.Equal(CoordinatorPace.FirstGroups, _pace.Next(new int?[1_000]));
    }

    private void Answer(double milliseconds) => _pace.Answered(_pace.Groups, _pace.Groups * 10, TimeSpan.FromMilliseconds(milliseconds), isThrottled: false);
}
