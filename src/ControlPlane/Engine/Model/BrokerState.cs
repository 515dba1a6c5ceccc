namespace ControlPlane.Engine.Model;

/// <summary>What is known of a broker's life, from the connection (evidence) and from the controller (proof).</summary>
public enum BrokerState
{
    /// <summary>Never observed, or not observed for longer than its samples stay fresh.</summary>
    Unknown,

    /// <summary>Registered, unfenced and answering.</summary>
    Active,

    /// <summary>Registered and answering, but fenced: starting up or catching up with the metadata log.</summary>
    Starting,

    /// <summary>Answering while its leaders move away: a controlled shutdown under way.</summary>
    ShuttingDown,

    /// <summary>Gone after a controlled shutdown, and expected back within the grace time.</summary>
    Restarting,

    /// <summary>Accepts connections but doesn't answer requests: hanging, paused or overloaded.</summary>
    Unresponsive,

    /// <summary>Connections are refused, reset or unreachable without a controlled shutdown before.</summary>
    Down,
}
