using Microsoft.Extensions.Options;

namespace ControlPlane.Lag;

/// <summary>How the lag of consumer groups is judged.</summary>
internal sealed class LagOptions
{
    public const string Section = "Lag";

    /// <summary>Follow __consumer_offsets of real clusters, which tells every commit with its time; where that is not allowed or switched off, groups are polled.</summary>
    public bool Follow { get; set; } = true;

    /// <summary>Processes that read the __consumer_offsets of one cluster: its owner, and up to so many less one others that it hires while they live.</summary>
    public int Readers { get; set; } = 1;

    /// <summary>Behind by no more messages than this is no lag.</summary>
    public long AllowedMessages { get; set; }

    /// <summary>Behind for less time than this is no lag.</summary>
    public TimeSpan AllowedTime { get; set; } = TimeSpan.Zero;

    /// <summary>How long a record may wait to be read: what scaling advice aims at.</summary>
    public TimeSpan Objective { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often what is known of lag is stored, so that the next process goes on from there instead of reading __consumer_offsets anew; seldomer where a cluster is so large that writing takes long. 0 switches it off.</summary>
    public TimeSpan Remember { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Partitions of groups without a commit for so long are dropped.</summary>
    public TimeSpan Expire { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Topics of groups, of each cluster, that are measured one by one and kept in history: of groups in trouble first, then of those with the most lag.</summary>
    public int HistoryTopics { get; set; } = 500;
}

internal sealed class LagOptionsValidator : IValidateOptions<LagOptions>
{
    /// <summary>More only cut a topic of 50 partitions into crumbs.</summary>
    private const int MostReaders = 16;

    public ValidateOptionsResult Validate(string? name, LagOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.Readers is < 1 or > MostReaders)
        {
            result.AddError($"{options.Readers} processes can't read one topic. Expected: 1 (the owner alone) to {MostReaders}", "Lag:Readers");
        }

        if (options.AllowedMessages < 0)
        {
            result.AddError($"{options.AllowedMessages} is negative. Expected: 0 or more messages", "Lag:AllowedMessages");
        }

        if (options.AllowedTime < TimeSpan.Zero)
        {
            result.AddError($"{options.AllowedTime} is negative. Expected: 00:00:00 or more", "Lag:AllowedTime");
        }

        if (options.Objective <= TimeSpan.Zero)
        {
            result.AddError($"{options.Objective} is no time. Expected: more than 00:00:00", "Lag:Objective");
        }

        if (options.Remember != TimeSpan.Zero && options.Remember < TimeSpan.FromSeconds(1))
        {
            result.AddError($"{options.Remember} is too short. Expected: at least 00:00:01, or 00:00:00 to remember nothing", "Lag:Remember");
        }

        if (options.Expire < TimeSpan.FromHours(1))
        {
            result.AddError($"{options.Expire} is too short: groups that commit rarely would come and go. Expected: at least 01:00:00", "Lag:Expire");
        }

        if (options.HistoryTopics is < 0 or > 10_000)
        {
            result.AddError($"{options.HistoryTopics} is out of range. Expected: 0 to 10000 topics of groups", "Lag:HistoryTopics");
        }

        return result.Build();
    }
}
