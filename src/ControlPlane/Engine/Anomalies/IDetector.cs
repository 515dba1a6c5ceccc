namespace ControlPlane.Engine.Anomalies;

/// <summary>Finds one kind of trouble in a picture. Pure: what it remembers is in its input.</summary>
public interface IDetector
{
    /// <summary>One word, also in URLs, metrics and stored rows: never renamed.</summary>
    string Kind { get; }

    /// <summary>How long a trouble must be seen without a break before it is told.</summary>
    TimeSpan Hold { get; }

    /// <summary>How long it must be away without a break before it counts as over; what comes back within is the same anomaly.</summary>
    TimeSpan Clear { get; }

    Verdict Detect(DetectorInput input);
}
