using ControlPlane.Execution;

namespace ControlPlane.Host.Tests.Execution;

public sealed class ExecutionOptionsTests
{
    [Fact]
    public void The_defaults_are_fine() => Assert.True(new ExecutionOptionsValidator().Validate(null, new ExecutionOptions()).Succeeded);

    [Fact]
    public void Every_mistake_is_named_with_its_key_in_one_go()
    {
        var result = new ExecutionOptionsValidator().Validate(null, new ExecutionOptions
        {
            Look = TimeSpan.Zero,
            LeaseMargin = TimeSpan.FromDays(2),
            RequestTimeout = TimeSpan.FromSeconds(10),
            Settle = TimeSpan.FromSeconds(10),
            BatchSize = 0,
            ElectionBatch = 1_001,
        });

        Assert.Equal(5, result.Failures!.Count());
        Assert.All(["Execution:Look", "Execution:LeaseMargin", "Execution:Settle", "Execution:BatchSize", "Execution:ElectionBatch"], key => Assert.Contains(key, result.FailureMessage, StringComparison.Ordinal));
        Assert.Contains("longer than RequestTimeout", result.FailureMessage, StringComparison.Ordinal);
    }
}
