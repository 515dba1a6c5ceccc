using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Views;

/// <summary>Finds topics by name, quickly where names repeat: commits of a group name the same topic many times in a row.</summary>
internal sealed class TopicFinder(PartitionTable table)
{
    private string? _lastName;
    private int _lastTopic = -1;

    public int Find(string name)
    {
        if (!ReferenceEquals(name, _lastName) && !string.Equals(name, _lastName, StringComparison.Ordinal))
        {
            (_lastName, _lastTopic) = (name, table.FindTopic(name));
        }

        return _lastTopic;
    }
}
