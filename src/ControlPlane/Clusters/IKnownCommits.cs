using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Clusters;

/// <summary>Commits that are known without asking coordinators. They are then asked now and then only, to compare.</summary>
internal interface IKnownCommits
{
    /// <summary>Every commit is seen as it is made; where not, coordinators have to be asked.</summary>
    bool AreFollowed { get; }

    /// <summary>Where a group is now, in order of topic and partition.</summary>
    /// <param name="group">Of this cluster.</param>
    /// <param name="asked">What its coordinator said last: that stands where nothing newer was seen.</param>
    ImmutableArray<CommittedOffset> Of(string group, ImmutableArray<CommittedOffset> asked);

    /// <summary>Compares with what a coordinator says now and with what it said before; true where they differ and it is to be asked once more.</summary>
    /// <param name="group">Of this cluster.</param>
    /// <param name="before">What it said last time; null where it was never asked.</param>
    /// <param name="asked">What it says, in order of topic and partition.</param>
    /// <param name="isVisible">Whether a topic is there for us: a coordinator is silent about topics that we may not see.</param>
    bool Differs(string group, ImmutableArray<CommittedOffset>? before, ImmutableArray<CommittedOffset> asked, Func<string, bool> isVisible);

    /// <summary>A group that was listed is not listed any more, by every broker, twice.</summary>
    void Gone(string group);
}
