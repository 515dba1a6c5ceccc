using System.IO.Compression;
using System.Text;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Analyzer.Files;

namespace ControlPlane.Engine.Tests.Analyzer.Files;

public sealed class ModelFileTests
{
    private const string Capacity = "\"capacity\":{\"cpu\":100,\"networkIn\":125000000,\"networkOut\":125000000,\"disk\":2000000000000}";
    private const string Broker7 = "{\"type\":\"broker\",\"id\":7,\"rack\":\"r1\",\"host\":\"h7\",\"state\":\"alive\"," + Capacity + ",\"logDirs\":[{\"path\":\"/d1\",\"capacity\":1000000000000,\"alive\":true},{\"path\":\"/d2\",\"capacity\":null,\"alive\":false}]}";
    private const string Broker2 = "{\"type\":\"broker\",\"id\":2,\"rack\":null,\"state\":\"new\"," + Capacity + "}";
    private const string Broker9 = "{\"id\":9,\"state\":\"dead\"," + Capacity + ",\"type\":\"broker\",\"note\":{\"any\":[1,{}]}}";
    private const string Rest = ",\"size\":52428800,\"bytesIn\":120000.5,\"bytesOut\":350000.0,\"cpu\":1.25}";

    [Fact]
    public void The_lines_of_the_format_become_flat_arrays()
    {
        var model = ModelText.Read(
            "\uFEFF{\"type\":\"cluster\",\"name\":\"prod-eu\",\"takenAt\":\"2026-11-20T03:00:00Z\"}\r", Broker7, Broker2, "", Broker9,
            Orders(3, "7,2,9", 2, ",\"logDirs\":[\"/d2\",null,null],\"followerCpu\":0.2"), Orders(1, "9", -1));

        Assert.Equal(("prod-eu", new DateTimeOffset(2026, 11, 20, 3, 0, 0, TimeSpan.Zero)), (model.Name, model.TakenAt));
        Assert.Equal([2, 7, 9], model.BrokerIds);
        Assert.Equal(new string?[] { null, "r1", null }, model.Racks.AsEnumerable());
        Assert.Equal(["broker-2", "h7", "broker-9"], model.Hosts);
        Assert.Equal([BrokerCondition.New, BrokerCondition.Alive, BrokerCondition.Dead], model.Conditions);
        Assert.Equal([0, 0, 2, 2], model.DirStart);
        Assert.Equal([1e12, double.NaN], model.DirCapacity);
        Assert.Equal([true, false], model.DirAlive);
        Assert.Equal([1, 3], model.Number);
        Assert.Equal([0, 1, 4], model.Start);
        Assert.Equal([2, 1, 0, 2], model.Broker);
        Assert.Equal([-1, 1, -1, -1], model.Dir);
        Assert.Equal([-1, 2], model.Lead);
        Assert.Equal([1.25, 0.2, 120000.5, 350000, 52428800], model.Loads[LoadOf.Count..]);
        Assert.Equal(LoadOf.FollowerCpuOf(1.25, 120000.5, 350000), model.Loads[LoadOf.FollowerCpu]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(500)]
    public void What_is_written_reads_back_the_same(int from)
    {
        for (var seed = from; seed < from + 150; seed++)
        {
            var model = RandomModel.Of(seed);

            ModelText.AssertSame(model, ModelText.Read(Encoding.UTF8.GetBytes(ModelText.Of(model))));
        }
    }

    [Fact]
    public void The_order_of_lines_does_not_matter()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var (model, random) = (RandomModel.Of(seed), new Random(seed));
            var lines = ModelText.Of(model).Split('\n', StringSplitOptions.RemoveEmptyEntries);

            var mixed = lines.OrderBy(line => (line.StartsWith("{\"type\":\"partition\"", StringComparison.Ordinal) ? 100 : 0) + random.NextDouble());

            ModelText.AssertSame(model, ModelText.Read([.. mixed]));
        }
    }

    [Fact]
    public void Unknown_loads_are_estimated_from_their_topic_and_marked()
    {
        var model = ModelText.Read(
            Broker7, Partition("a", 0, 10, "4"), Partition("a", 1, 30, "8"), Partition("a", 2, null, "null"), Partition("b", 0, null, "1"), Partition("b", 1, null, "1"));

        Assert.Equal([10, 30, 20, 20, 20], Enumerable.Range(0, 5).Select(partition => model.Loads[(partition * LoadOf.Count) + LoadOf.Size]));
        Assert.Equal(6, model.Loads[(2 * LoadOf.Count) + LoadOf.Cpu]);
        Assert.Equal(LoadOf.FollowerCpuOf(6, 5, 5), model.Loads[(2 * LoadOf.Count) + LoadOf.FollowerCpu]);
        Assert.Equal([false, false, true, true, true], model.IsEstimated);

        static string Partition(string topic, int number, int? size, string cpu) =>
            $$"""{"type":"partition","topic":"{{topic}}","partition":{{number}},"replicas":[7],"leader":7,"size":{{size?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null"}},"bytesIn":5,"bytesOut":5,"cpu":{{cpu}}}""";
    }

    [Fact]
    public void Every_number_is_read_to_its_last_bit()
    {
        var random = new Random(7);
        for (var round = 0; round < 4_000; round++)
        {
            var digits = string.Concat(Enumerable.Range(0, random.Next(1, 19)).Select(_ => random.Next(10)));
            var text = (digits.TrimStart('0') is { Length: > 0 } whole ? whole : "0") + (random.Next(3) > 0 ? "." + random.Next(10) + digits[..random.Next(digits.Length)] : "") + (random.Next(9) == 0 ? "e-7" : "");
            if (double.Parse(text, System.Globalization.CultureInfo.InvariantCulture) is var expected and <= 1e18)
            {
                Assert.Equal(expected, ModelText.Read(Broker7, Orders(0, "7", 7, $",\"followerCpu\":{text}")).Loads[LoadOf.FollowerCpu]);
            }
        }
    }

    [Theory]
    [InlineData("{\"type\":\"partition\"", 4, "this is no JSON")]
    [InlineData("[1]", 4, "the line is a list")]
    [InlineData("7 {}", 4, "the line is 7")]
    [InlineData("{\"type\":\"topic\"}", 4, "type is \"topic\"")]
    [InlineData("{\"type\":null}", 4, "type is null")]
    [InlineData("{\"kind\":\"broker\"}", 4, "the line has no type")]
    [InlineData("{\"type\":\"cluster\",\"takenAt\":\"yesterday\"}", 4, "takenAt is \"yesterday\"")]
    [InlineData("{\"type\":\"broker\",\"id\":7,CAP}", 4, "broker 7 is there already")]
    [InlineData("{\"type\":\"broker\",CAP}", 4, "the broker has no id")]
    [InlineData("{\"type\":\"broker\",\"id\":-1,CAP}", 4, "id is -1")]
    [InlineData("{\"type\":\"broker\",\"id\":3000000000,CAP}", 4, "id is 3000000000")]
    [InlineData("{\"type\":\"broker\",\"id\":3,\"state\":\"tired\",CAP}", 4, "state is \"tired\"")]
    [InlineData("{\"type\":\"broker\",\"id\":3,\"rack\":4,CAP}", 4, "rack is 4")]
    [InlineData("{\"type\":\"broker\",\"id\":3,\"rack\":\"\",CAP}", 4, "rack is empty")]
    [InlineData("{\"type\":\"broker\",\"id\":3}", 4, "the broker has no capacity")]
    [InlineData("{\"type\":\"broker\",\"id\":3,\"capacity\":{\"cpu\":100}}", 4, "capacity has no networkIn")]
    [InlineData("{\"type\":\"broker\",\"id\":3,\"capacity\":{\"cpu\":0}}", 4, "capacity.cpu is 0")]
    [InlineData("{\"type\":\"broker\",\"id\":3,CAP,\"logDirs\":[{\"path\":\"/a\"},{\"path\":\"/a\"}]}", 4, "log dir /a is there twice")]
    [InlineData("{\"type\":\"broker\",\"id\":3,CAP,\"logDirs\":[\"/a\"]}", 4, "a log dir is \"/a\"")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7,5],\"leader\":7REST", 4, "broker 5 in replicas is not in the file")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7,7],\"leader\":7REST", 4, "broker 7 is in replicas twice")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[],\"leader\":7REST", 4, "the partition has no replicas")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"leader\":7REST", 4, "the partition has no replicas")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":null,\"leader\":7REST", 4, "replicas is null")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7],\"replicas\":[2],\"leader\":7REST", 4, "replicas is there twice")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"topic\":\"b\",\"partition\":0,\"replicas\":[7],\"leader\":7REST", 4, "topic is there twice")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7,2],\"leader\":9REST", 4, "the leader, broker 9, is not among the replicas")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7,2],\"leader\":5REST", 4, "the leader, broker 5, is not in the file")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7]REST", 4, "the partition has no leader")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"replicas\":[7],\"leader\":7REST", 4, "the partition has no partition")]
    [InlineData("{\"type\":\"partition\",\"partition\":0,\"replicas\":[7],\"leader\":7REST", 4, "the partition has no topic")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"\",\"partition\":0,\"replicas\":[7],\"leader\":7REST", 4, "topic is empty")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":1.5,\"replicas\":[7],\"leader\":7REST", 4, "partition is 1.5")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7],\"leader\":7,\"size\":-1}", 4, "size is -1")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7],\"leader\":7,\"size\":1e999}", 4, "size is 1e999")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7],\"leader\":7,\"size\":NaN}", 4, "this is no JSON")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7],\"leader\":7,\"size\":\"NaN\"}", 4, "size is \"NaN\"")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7],\"leader\":7,\"size\":1,\"bytesIn\":-0.5}", 4, "bytesIn is -0.5")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7],\"leader\":7,\"size\":1,\"bytesIn\":1,\"bytesOut\":1}", 4, "the partition has no cpu")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7],\"leader\":7,\"logDirs\":[\"/d1\",\"/d1\"]REST", 4, "logDirs has 2 entries for 1 replicas")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7,2],\"leader\":7,\"logDirs\":[\"/d1\"]REST", 4, "logDirs has 1 entries for 2 replicas")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7],\"leader\":7,\"logDirs\":[\"/nope\"]REST", 4, "broker 7 has no log dir /nope")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7],\"leader\":7,\"offline\":[2]REST", 4, "broker 2 in offline is not among the replicas")]
    [InlineData("{\"type\":\"partition\",\"topic\":\"a\",\"partition\":0,\"replicas\":[7],\"leader\":7REST x", 4, "this is no JSON")]
    public void A_bad_line_is_named_with_its_reason(string line, int number, string reason)
    {
        var refusal = Assert.Throws<ModelFileException>(() => ModelText.Read(
            Broker7, Broker2, Broker9, line.Replace("REST", Rest, StringComparison.Ordinal).Replace("CAP", Capacity, StringComparison.Ordinal), Orders(0, "7", 7)));

        Assert.Equal(number, refusal.Line);
        Assert.StartsWith($"line {number}: {reason}", refusal.Message, StringComparison.Ordinal);
        Assert.NotEmpty(refusal.Expected);
    }

    [Fact]
    public void Brokers_come_before_partitions()
    {
        Assert.StartsWith("line 1: a partition comes before any broker", Refusal(Orders(0, "7", 7), Broker7).Message, StringComparison.Ordinal);
        Assert.StartsWith("line 3: broker 2 comes after a partition", Refusal(Broker7, Orders(0, "7", 7), Broker2).Message, StringComparison.Ordinal);
        Assert.StartsWith("line 2: a second line of type cluster", Refusal("{\"type\":\"cluster\"}", "{\"type\":\"cluster\"}").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_brokers_and_an_empty_one_are_refused_as_a_whole()
    {
        Assert.Equal((0, "the file is empty"), (Refusal("").Line, Refusal("").Message));
        Assert.Equal("the file has no brokers", Refusal("{\"type\":\"cluster\",\"name\":\"c\"}").Message);
        Assert.Equal("the file has no brokers", Refusal("\n\n").Message);
    }

    [Fact]
    public void A_partition_that_is_there_twice_is_named_with_both_lines()
    {
        var refusal = Refusal(Broker7, Orders(5, "7", 7), Orders(1, "7", 7), Orders(5, "7", 7));

        Assert.Equal("line 4: partition orders-5 is there already, in line 2", refusal.Message);
    }

    [Fact]
    public void A_packed_file_that_is_cut_is_refused()
    {
        var text = Encoding.UTF8.GetBytes(ModelText.Of(RandomModel.Of(3)));
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(text);
        }

        ModelText.AssertSame(RandomModel.Of(3), Unpacked(packed.ToArray()));
        Assert.Throws<ModelFileException>(() => Unpacked(packed.ToArray()[..^20]));
        Assert.Throws<ModelFileException>(() => Unpacked(text));

        static OptimizerModel Unpacked(byte[] bytes)
        {
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            return ModelFileReader.Read(gzip, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void Broken_bytes_are_refused_and_never_crash()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var bytes = Encoding.UTF8.GetBytes(ModelText.Of(RandomModel.Of(seed % 50)));
            Damage(bytes, random);
            var cut = bytes[..(random.Next(3) == 0 ? random.Next(bytes.Length) : bytes.Length)];
            try
            {
                _ = ModelText.Read(cut);
            }
            catch (ModelFileException refusal)
            {
                Assert.True(refusal.Expected.Length > 0 && refusal.Message.Length > 0, $"seed {seed}");
            }
        }
    }

    [Fact]
    public void Anonymous_models_keep_loads_and_places_and_no_name()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var model = RandomModel.Of(seed);

            var anonymous = ModelAnonymizer.Anonymise(model);

            var text = ModelText.Of(anonymous);
            Assert.DoesNotContain(model.Topics.Where(topic => topic.Length > 5), topic => text.Contains(System.Text.Json.JsonEncodedText.Encode(topic).ToString(), StringComparison.Ordinal));
            Assert.DoesNotContain(model.Name.Length > 5 ? model.Name : "\u0001", text, StringComparison.Ordinal);
            ModelText.AssertSame(anonymous, ModelText.Read(Encoding.UTF8.GetBytes(text)));
            Assert.Equal(model.Loads, anonymous.Loads);
            Assert.Equal(model.Broker, anonymous.Broker);
            Assert.Equal(Groups(model.Racks), Groups(anonymous.Racks));
            Assert.Equal(Groups(model.Hosts), Groups(anonymous.Hosts));
        }

        static int[] Groups(string?[] names) => [.. names.Select(name => name is null ? -1 : Array.IndexOf(names, name))];
    }

    private static ModelFileException Refusal(params string[] lines) => Assert.Throws<ModelFileException>(() => ModelText.Read(lines));

    private static string Orders(int number, string replicas, int leader, string more = "") =>
        $$"""{"type":"partition","topic":"orders","partition":{{number}},"replicas":[{{replicas}}],"leader":{{leader}}{{more}}{{Rest}}""";

    private static void Damage(byte[] bytes, Random random)
    {
        for (var count = random.Next(4); count > 0; count--)
        {
            bytes[random.Next(bytes.Length)] = random.Next(3) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)"{}[],:\"-0\\\n"[random.Next(11)],
                _ => bytes[random.Next(bytes.Length)],
            };
        }
    }
}
