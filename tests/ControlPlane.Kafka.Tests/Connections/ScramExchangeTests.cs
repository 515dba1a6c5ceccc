using System.Security.Cryptography;
using System.Text;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Connections.Sasl;
using Xunit;

namespace ControlPlane.Kafka.Tests.Connections;

public sealed class ScramExchangeTests
{
    private const string ServerFirst256 = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    [Fact]
    public void Speaks_the_example_of_RFC_7677()
    {
        var exchange = new ScramExchange(SaslMechanism.ScramSha256, HashAlgorithmName.SHA256, "user", "pencil", "rOprNGfwEbeRWgbNEkqO");

        Assert.Equal("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", Text(exchange.Start()));
        Assert.Equal(
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            Text(Respond(exchange, ServerFirst256)));
        Assert.Null(Respond(exchange, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    }

    [Fact]
    public void Speaks_the_example_of_RFC_5802()
    {
        var exchange = new ScramExchange(SaslMechanism.ScramSha256, HashAlgorithmName.SHA1, "user", "pencil", "fyko+d2lbbFgONRv9qkxdawL");

        Assert.Equal("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", Text(exchange.Start()));
        Assert.Equal(
            "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
            Text(Respond(exchange, "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")));
        Assert.Null(Respond(exchange, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="));
    }

    [Theory]
    [InlineData("a nonce that is not ours", "r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("our nonce and nothing of the server's", "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("too few iterations", "r=rOprNGfwEbeRWgbNEkqOxyz,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095")]
    [InlineData("iterations that would take hours", "r=rOprNGfwEbeRWgbNEkqOxyz,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2147483647")]
    [InlineData("iterations that are no number", "r=rOprNGfwEbeRWgbNEkqOxyz,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=many")]
    [InlineData("a salt that is not Base64", "r=rOprNGfwEbeRWgbNEkqOxyz,s=!!,i=4096")]
    [InlineData("an unknown mandatory extension", "m=new,r=rOprNGfwEbeRWgbNEkqOxyz,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("nothing at all", "")]
    [InlineData("no pairs", "hello,world")]
    public void Refuses_a_server_that_sends(string what, string serverFirst)
    {
        var exchange = new ScramExchange(SaslMechanism.ScramSha256, HashAlgorithmName.SHA256, "user", "pencil", "rOprNGfwEbeRWgbNEkqO");
        exchange.Start();

        var error = Assert.Throws<SaslException>(() => Respond(exchange, serverFirst));

        Assert.False(error.Message.Contains("pencil", StringComparison.Ordinal), what);
    }

    [Theory]
    [InlineData("v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "could not prove")]
    [InlineData("e=invalid-proof", "invalid-proof")]
    [InlineData("x=1", "lacks the field 'v'")]
    public void A_server_without_proof_is_not_believed(string serverFinal, string expected)
    {
        var exchange = new ScramExchange(SaslMechanism.ScramSha256, HashAlgorithmName.SHA256, "user", "pencil", "rOprNGfwEbeRWgbNEkqO");
        exchange.Start();
        Respond(exchange, ServerFirst256);

        var error = Assert.Throws<SaslException>(() => Respond(exchange, serverFinal));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Equals_signs_and_commas_in_names_are_escaped_and_nonces_never_repeat()
    {
        var first = Text(new ScramExchange(SaslMechanism.ScramSha512, "a=b,c", "x").Start());
        var second = Text(new ScramExchange(SaslMechanism.ScramSha512, "a=b,c", "x").Start());

        Assert.StartsWith("n,,n=a=3Db=2Cc,r=", first, StringComparison.Ordinal);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void OAuth_sends_token_and_extensions_and_ends_a_refusal_with_one_byte()
    {
        var exchange = new OAuthBearerExchange("tok", new Dictionary<string, string> { ["logicalCluster"] = "lkc-1" });

        Assert.Equal("n,,\u0001auth=Bearer tok\u0001logicalCluster=lkc-1\u0001\u0001", Text(exchange.Start()));
        Assert.Equal([1], exchange.Respond(Encoding.UTF8.GetBytes("{\"status\":\"invalid_token\"}"))!);
        Assert.Equal("{\"status\":\"invalid_token\"}", exchange.ServerRemark);
        Assert.Throws<SaslException>(() => exchange.Respond([1, 2]));
        Assert.Null(new OAuthBearerExchange("tok", new Dictionary<string, string>()).Respond([]));
    }

    [Fact]
    public void Plain_sends_both_as_they_are() => Assert.Equal("\0al,ice\0p=w", Text(new PlainExchange("al,ice", "p=w").Start()));

    private static byte[]? Respond(ScramExchange exchange, string message) => exchange.Respond(Encoding.UTF8.GetBytes(message));

    private static string Text(byte[]? bytes) => Encoding.UTF8.GetString(bytes ?? []);
}
