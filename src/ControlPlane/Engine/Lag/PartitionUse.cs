namespace ControlPlane.Engine.Lag;

/// <summary>What is known of who reads a partition.</summary>
public enum PartitionUse
{
    Unknown,

    /// <summary>A member owns it.</summary>
    Assigned,

    /// <summary>The group has members and none of them subscribes to the topic.</summary>
    Unsubscribed,

    /// <summary>The group has no members.</summary>
    GroupEmpty,

    /// <summary>The topic is gone.</summary>
    TopicDeleted,
}
