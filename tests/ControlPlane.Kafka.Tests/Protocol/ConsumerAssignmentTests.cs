using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Tests.Wire;
using ControlPlane.Kafka.Wire;
using Xunit;

namespace ControlPlane.Kafka.Tests.Protocol;

public sealed class ConsumerAssignmentTests
{
    private const string Golden = "0003 00000001 0006 6F7264657273 00000002 00000000 00000007 FFFFFFFF";

    [Fact]
    public void Topics_and_partitions_of_a_member_are_read_and_written()
    {
        var assignment = ConsumerAssignment.Parse(Hex.Bytes(Golden));

        Assert.NotNull(assignment);
        var topic = Assert.Single(assignment.AssignedPartitions);
        Assert.Equal("orders", topic.Topic);
        Assert.Equal([0, 7], topic.Partitions);
        Assert.Null(assignment.UserData);
        Assert.Equal(Hex.Bytes(Golden), assignment.ToBytes());
    }

    [Fact]
    public void No_bytes_mean_that_the_group_is_not_stable() => Assert.Null(ConsumerAssignment.Parse([]));

    [Fact]
    public void A_later_version_may_append_fields() =>
        Assert.NotNull(ConsumerAssignment.Parse(Hex.Bytes("0004 00000000 FFFFFFFF 0102")));

    [Theory]
    [InlineData("00")]
    [InlineData("FFFF 00000000 FFFFFFFF")]
    [InlineData("0003 00000001 0006 6F72")]
    [InlineData("0003 7FFFFFFF")]
    [InlineData("0003 00000000 FFFFFFFF 00")]
    public void Foreign_bytes_are_refused(string hex) =>
        Assert.Throws<WireFormatException>(() => ConsumerAssignment.Parse(Hex.Bytes(hex)));
}
