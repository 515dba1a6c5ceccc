using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using ControlPlane.Kafka.Protocol;
using Xunit;

namespace ControlPlane.Kafka.Tests.Protocol;

public sealed partial class ErrorCodesTests
{
    [Theory]
    [InlineData(ErrorCode.UnknownServerError, "UNKNOWN_SERVER_ERROR", false)]
    [InlineData(ErrorCode.None, "NONE", false)]
    [InlineData(ErrorCode.NotController, "NOT_CONTROLLER", true)]
    [InlineData(ErrorCode.RequestTimedOut, "REQUEST_TIMED_OUT", true)]
    [InlineData(ErrorCode.SaslAuthenticationFailed, "SASL_AUTHENTICATION_FAILED", false)]
    [InlineData(ErrorCode.ThrottlingQuotaExceeded, "THROTTLING_QUOTA_EXCEEDED", true)]
    [InlineData((ErrorCode)999, "UNLISTED_ERROR_999", false)]
    public void A_code_has_the_name_Kafka_prints_and_says_whether_to_retry(ErrorCode code, string name, bool retriable)
    {
        Assert.Equal(name, code.KafkaName());
        Assert.Equal(retriable, code.IsRetriable());
    }

    [Fact]
    public void Every_code_says_what_to_do_next() =>
        Assert.All(Enum.GetValues<ErrorCode>(), code =>
        {
            Assert.True(code.Hint().Length >= 10 && code.Hint().EndsWith('.'), $"{code}: '{code.Hint()}'");
            Assert.DoesNotContain("newer Kafka", code.Hint(), StringComparison.Ordinal);
        });

    [Fact]
    public void An_unknown_code_keeps_its_number_in_the_hint() =>
        Assert.Contains("(999)", ((ErrorCode)999).Hint(), StringComparison.Ordinal);

    /// <summary>The constants of the compiled enum are in its class file as plain text.</summary>
    [Fact]
    public void The_codes_are_those_of_the_newest_Kafka()
    {
        using var jar = ZipFile.OpenRead(MessageDefinitions.ClientsJar("4.3.1"));
        using var stream = jar.GetEntry("org/apache/kafka/common/protocol/Errors.class")!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);

        var theirs = Constant().Matches(Encoding.Latin1.GetString(bytes.ToArray())).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var ours = Enum.GetValues<ErrorCode>().Select(code => code.KafkaName()).ToHashSet(StringComparer.Ordinal);

        Assert.Empty(ours.Except(theirs, StringComparer.Ordinal));
        Assert.Equal(["CLASS_TO_ERROR", "CODE_TO_ERROR"], theirs.Except(ours, StringComparer.Ordinal).Order(StringComparer.Ordinal)); // two maps beside the codes
    }

    /// <summary>A CONSTANT_Utf8 entry: tag 1, a 16-bit length, the text; here of upper-case names only.</summary>
    [GeneratedRegex("\x01\x00[\x04-\x40](?<name>[A-Z]+(_[A-Z]+)+|NONE)(?![A-Z_])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Constant();
}
