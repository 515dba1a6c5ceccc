using ControlPlane.Engine.Execution;

namespace ControlPlane.Engine.Tests.Execution;

public sealed class ExecutionSummaryTests
{
    [Theory]
    [InlineData("running", 9, 0, false, "13 of 22 moves are done, 9 under way.")]
    [InlineData("cancelling", 9, 0, true, "Being cancelled: 13 of 22 moves are done, 9 under way.")]
    [InlineData("cleaning-up", 0, 0, true, "Being cancelled: 13 of 22 moves are done; our throttles are removed now.")]
    [InlineData("verifying", 0, 2, false, "13 of 22 moves are done, 2 failed; the replica lists are checked now.")]
    [InlineData("cancelled", 0, 2, true, "Cancelled: 13 of 22 moves are done, 2 failed, 7 dropped or taken back.")]
    [InlineData("failed", 0, 9, false, "13 of 22 moves are done, 9 failed.")]
    public void One_line_says_how_far_it_is_and_how_it_ended(string word, int running, int failed, bool isCancelled, string expected) =>
        Assert.Equal(expected, new ExecutionSummary(word, 22, 13, running, failed, 0, 0, [], isCancelled).Sentence);

    [Fact]
    public void Cancelled_after_the_last_move_nothing_was_taken_back() =>
        Assert.Equal("Cancelled: 22 of 22 moves are done.", new ExecutionSummary("cancelled", 22, 22, 0, 0, 0, 0, [], true).Sentence);
}
