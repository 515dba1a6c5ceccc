using ControlPlane.Alerts;
using ControlPlane.Api;
using ControlPlane.Hosting;
using ControlPlane.Lag;
using ControlPlane.Sampling;
using Microsoft.Extensions.Options;

namespace ControlPlane.Host.Tests.Hosting;

/// <summary>Every rule of every validator: what it refuses, under which key, and that all mistakes are told at once.</summary>
public sealed class OptionsTests
{
    public static TheoryData<string, object> Wrong => new()
    {
        { "Hosting:AdvertisedAddress", new HostingOptions { AdvertisedAddress = "here" } },
        { "Hosting:AdvertisedAddress", new HostingOptions { AdvertisedAddress = "ftp://here" } },
        { "Hosting:RegisterFile", new HostingOptions { RegisterFile = "/no/such/file.json" } },
        { "Hosting:DataFolder", new HostingOptions { DataFolder = "/proc/kcp" } },
        { "Hosting:TokenFile", new HostingOptions { TokenFile = "/proc/kcp/token.json" } },
        { "Api:SessionIdle", new ApiOptions { SessionIdle = TimeSpan.FromMinutes(4) } },
        { "Api:AccessCache", new ApiOptions { AccessCache = TimeSpan.FromMinutes(2) } },
        { "Api:AccessOutage", new ApiOptions { AccessOutage = TimeSpan.FromDays(2) } },
        { "Api:ForwardTimeout", new ApiOptions { ForwardTimeout = TimeSpan.Zero } },
        { "Api:LoginsPerAddress", new ApiOptions { LoginsPerAddress = 0 } },
        { "Api:LoginsPerUser", new ApiOptions { LoginsPerUser = -1 } },
        { "Api:MaxLiveConnections", new ApiOptions { MaxLiveConnections = 0 } },
        { "Api:MaxLiveConnectionsPerCaller", new ApiOptions { MaxLiveConnectionsPerCaller = 2_000_000 } },
        { "Api:TrustedProxies", new ApiOptions { TrustedProxies = ["10.0.0.1", "proxy.example"] } },
        { "Alerts:PublicUrl", new AlertsOptions { PublicUrl = "kafka.example.com" } },
        { "Alerts:PublicUrl", new AlertsOptions { PublicUrl = "ftp://kafka.example.com" } },
        { "Alerts:AllowedAddresses", new AlertsOptions { AllowedAddresses = ["10.0.0.0/8", "localhost"] } },
        { "Alerts:AllowedAddresses", new AlertsOptions { AllowedAddresses = ["127.0.0.1"] } },
        { "Alerts:RequestTimeout", new AlertsOptions { RequestTimeout = TimeSpan.FromMilliseconds(10) } },
        { "Alerts:ClaimLease", new AlertsOptions { ClaimLease = TimeSpan.FromSeconds(19) } },
        { "Alerts:ClaimLease", new AlertsOptions { ClaimLease = TimeSpan.FromHours(1) } },
        { "Alerts:PollInterval", new AlertsOptions { PollInterval = TimeSpan.FromSeconds(2) } },
        { "Alerts:ConcurrencyPerTarget", new AlertsOptions { ConcurrencyPerTarget = 0 } },
        { "Alerts:RetryBase", new AlertsOptions { RetryBase = TimeSpan.Zero } },
        { "Alerts:RetryCap", new AlertsOptions { RetryCap = TimeSpan.FromMilliseconds(500) } },
        { "Alerts:GiveUpAfter", new AlertsOptions { GiveUpAfter = TimeSpan.FromSeconds(1) } },
        { "Alerts:BreakAfter", new AlertsOptions { BreakAfter = 0 } },
        { "Alerts:ProbePause", new AlertsOptions { ProbePause = TimeSpan.FromHours(1) } },
        { "Sampling:Liveness", new SamplingOptions { Liveness = TimeSpan.FromMilliseconds(100) } },
        { "Sampling:Topology", new SamplingOptions { Topology = TimeSpan.FromHours(2) } },
        { "Sampling:Quorum", new SamplingOptions { Quorum = TimeSpan.Zero } },
        { "Sampling:Reassignments", new SamplingOptions { Reassignments = TimeSpan.Zero } },
        { "Sampling:Offsets", new SamplingOptions { Offsets = TimeSpan.Zero } },
        { "Sampling:LogDirs", new SamplingOptions { LogDirs = TimeSpan.Zero } },
        { "Sampling:Groups", new SamplingOptions { Groups = TimeSpan.Zero } },
        { "Sampling:TopicConfigs", new SamplingOptions { TopicConfigs = TimeSpan.Zero } },
        { "Sampling:BrokerConfigs", new SamplingOptions { BrokerConfigs = TimeSpan.Zero } },
        { "Sampling:Identity", new SamplingOptions { Identity = TimeSpan.Zero } },
        { "Sampling:ProbeTimeout", new SamplingOptions { ProbeTimeout = TimeSpan.FromMinutes(1) } },
        { "Sampling:RoundTimeout", new SamplingOptions { RoundTimeout = TimeSpan.FromMilliseconds(10) } },
        { "Sampling:History", new SamplingOptions { History = TimeSpan.FromMilliseconds(10) } },
        { "Sampling:MaxShare", new SamplingOptions { MaxShare = 0 } },
        { "Sampling:MaxShare", new SamplingOptions { MaxShare = double.NaN } },
        { "Sampling:Jitter", new SamplingOptions { Jitter = 0.6 } },
        { "Sampling:TopicsPerConfigRound", new SamplingOptions { TopicsPerConfigRound = 0 } },
        { "Sampling:BrokersPerLogDirRound", new SamplingOptions { BrokersPerLogDirRound = 0 } },
        { "Sampling:HistoryTopics", new SamplingOptions { HistoryTopics = -1 } },
        { "Sampling:HistoryGroups", new SamplingOptions { HistoryGroups = 20_000 } },
        { "Lag:Readers", new LagOptions { Readers = 0 } },
        { "Lag:Readers", new LagOptions { Readers = 17 } },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void A_wrong_value_is_refused_with_its_key_alone(string key, object options)
    {
        var failure = Assert.Single(Validate(options).Failures!);

        Assert.Contains(key, failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_are_accepted() => Assert.All(new object[] { new HostingOptions(), new ApiOptions(), new AlertsOptions(), new SamplingOptions(), new LagOptions(), new LagOptions { Readers = 16 } }, options => Assert.True(Validate(options).Succeeded));

    [Fact]
    public void All_mistakes_are_told_at_once() =>
        Assert.Equal(3, Validate(new SamplingOptions { Liveness = TimeSpan.Zero, Jitter = 9, HistoryTopics = -1 }).Failures!.Count());

    [Fact]
    public void Good_folders_and_addresses_are_accepted_and_the_folder_is_made()
    {
        var folder = Path.Combine(Directory.CreateTempSubdirectory("kcp-options-").FullName, "new", "data");
        try
        {
            var options = new HostingOptions { DataFolder = folder, TokenFile = Path.Combine(folder, "token.json"), AdvertisedAddress = "https://kcp.example:8443" };

            Assert.True(Validate(options).Succeeded);
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder)); // the try leaves nothing behind
        }
        finally
        {
            Directory.Delete(Path.GetFullPath(Path.Combine(folder, "..", "..")), recursive: true);
        }
    }

    private static ValidateOptionsResult Validate(object options) => options switch
    {
        HostingOptions hosting => new HostingOptionsValidator().Validate(null, hosting),
        ApiOptions api => new ApiOptionsValidator().Validate(null, api),
        AlertsOptions alerts => new AlertsOptionsValidator().Validate(null, alerts),
        LagOptions lag => new LagOptionsValidator().Validate(null, lag),
        SamplingOptions sampling => new SamplingOptionsValidator().Validate(null, sampling),
        _ => throw new InvalidOperationException($"Unhandled options {options}"),
    };
}
