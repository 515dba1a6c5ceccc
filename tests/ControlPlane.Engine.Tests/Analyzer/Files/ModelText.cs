using System.Text;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Analyzer.Files;

namespace ControlPlane.Engine.Tests.Analyzer.Files;

/// <summary>Models as text and back.</summary>
internal static class ModelText
{
    public static OptimizerModel Read(params string[] lines) => Read(Encoding.UTF8.GetBytes(string.Join('\n', lines)));

    public static OptimizerModel Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return ModelFileReader.Read(stream, TestContext.Current.CancellationToken);
    }

    public static string Of(OptimizerModel model) => Written(stream => ModelFileWriter.Write(model, stream));

    public static string Written(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public static void AssertSame(OptimizerModel expected, OptimizerModel found)
    {
        Assert.Equal((expected.Name, expected.TakenAt), (found.Name, found.TakenAt));
        foreach (var property in typeof(OptimizerModel).GetProperties().Where(property => property.PropertyType.IsArray && property.Name != nameof(OptimizerModel.TopicIds)))
        {
            var (wanted, got) = ((Array)property.GetValue(expected)!, (Array)property.GetValue(found)!);
            Assert.True(wanted.Cast<object?>().SequenceEqual(got.Cast<object?>()), $"{property.Name}: [{Join(wanted)}] became [{Join(got)}]");
        }
    }

    private static string Join(Array values) => string.Join(", ", values.Cast<object?>());
}
