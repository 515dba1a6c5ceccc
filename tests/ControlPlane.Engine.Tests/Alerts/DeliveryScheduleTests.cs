using ControlPlane.Engine.Alerts;

namespace ControlPlane.Engine.Tests.Alerts;

public sealed class DeliveryScheduleTests
{
    private static readonly DeliverySchedule Schedule = DeliverySchedule.Default;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(9, 256)]
    [InlineData(10, 300)]
    [InlineData(10_000, 300)]
    public void Pauses_double_up_to_five_minutes_and_are_spread_from_nothing_on(int attempts, double bound)
    {
        Assert.Equal(TimeSpan.Zero, Schedule.Pause(attempts, null, 0));
        Assert.Equal(bound / 2, Schedule.Pause(attempts, null, 0.5).TotalSeconds, 3);
        Assert.InRange(Schedule.Pause(attempts, null, 0.999).TotalSeconds, bound * 0.99, bound);
    }

    [Theory]
    [InlineData(30, 30)]
    [InlineData(0, 0.5)]
    [InlineData(-5, 0.5)]
    [InlineData(1_000_000, 3600)]
    public void What_the_receiver_asks_for_is_waited_up_to_an_hour(int asked, double expected) =>
        Assert.Equal(expected, Schedule.Pause(1, TimeSpan.FromSeconds(asked), 0.5).TotalSeconds, 3);

    [Fact]
    public void After_a_day_it_is_given_up()
    {
        Assert.False(Schedule.GivesUp(TimeSpan.FromHours(23), TimeSpan.FromMinutes(5)));
        Assert.True(Schedule.GivesUp(TimeSpan.FromHours(23.99), TimeSpan.FromMinutes(5)));
        Assert.True(Schedule.GivesUp(TimeSpan.FromHours(24), TimeSpan.Zero));
    }

    [Theory]
    [InlineData(4, null)]
    [InlineData(5, 5.0)]
    [InlineData(6, 10.0)]
    [InlineData(100, 300.0)]
    public void A_target_that_keeps_failing_is_held_back_longer_and_longer(int failures, double? seconds) =>
        Assert.Equal(seconds, Schedule.Hold(failures)?.TotalSeconds);

    [Theory]
    [InlineData(200, SendVerdict.Delivered, true)]
    [InlineData(202, SendVerdict.Delivered, true)]
    [InlineData(204, SendVerdict.Delivered, true)]
    [InlineData(301, SendVerdict.Refused, false)]
    [InlineData(307, SendVerdict.Refused, false)]
    [InlineData(400, SendVerdict.Refused, false)]
    [InlineData(401, SendVerdict.Refused, false)]
    [InlineData(404, SendVerdict.Refused, false)]
    [InlineData(408, SendVerdict.Retry, true)]
    [InlineData(410, SendVerdict.Gone, false)]
    [InlineData(413, SendVerdict.Refused, false)]
    [InlineData(429, SendVerdict.Retry, false)]
    [InlineData(500, SendVerdict.Retry, true)]
    [InlineData(503, SendVerdict.Retry, true)]
    public void Answers_are_sorted_by_what_repeating_could_change(int status, SendVerdict verdict, bool mayHaveArrived)
    {
        var result = new SendResult(status, SendFailure.None, SendVerdicts.Explain(status, null), null, null);

        Assert.Equal(verdict, SendVerdicts.Judge(result));
        Assert.Equal(mayHaveArrived, SendVerdicts.MayHaveArrived(result));
        Assert.Equal(verdict == SendVerdict.Delivered, result.Problem is null);
    }

    [Theory]
    [InlineData(SendFailure.NoAnswer, SendVerdict.Retry, true)]
    [InlineData(SendFailure.NotConnected, SendVerdict.Retry, false)]
    [InlineData(SendFailure.Tls, SendVerdict.Refused, false)]
    [InlineData(SendFailure.ForbiddenAddress, SendVerdict.Refused, false)]
    [InlineData(SendFailure.NotSendable, SendVerdict.Refused, false)]
    public void Failures_without_an_answer_are_sorted_too(SendFailure failure, SendVerdict verdict, bool mayHaveArrived)
    {
        var result = new SendResult(null, failure, "why", null, null);

        Assert.Equal((verdict, mayHaveArrived), (SendVerdicts.Judge(result), SendVerdicts.MayHaveArrived(result)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_key_never_gets_more_than_120_requests_in_any_minute(int seed)
    {
        var random = new Random(seed);
        var now = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
        var bucket = TokenBucket.Full(now);
        var taken = new List<DateTimeOffset>();
        for (var attempt = 0; attempt < 5000; attempt++)
        {
            now += TimeSpan.FromMilliseconds(random.Next(0, 400));
            (bucket, var wait) = bucket.Take(now);
            if (wait is null)
            {
                taken.Add(now);
            }
            else
            {
                Assert.InRange(wait.Value, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(0.61));
                Assert.Null(bucket.Take(now + wait.Value + TimeSpan.FromMilliseconds(1)).Wait);
            }
        }

        Assert.All(taken, begin => Assert.InRange(taken.Count(at => at >= begin && at < begin.AddMinutes(1)), 1, 120));
        Assert.InRange(taken.Count / (now - taken[0]).TotalMinutes, 95, 106);
    }
}
