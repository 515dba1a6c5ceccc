using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.OffsetsTopic;

/// <summary>Arrays of structs that we only read.</summary>
internal static class Elements
{
    public delegate T ReadElement<out T>(ref KafkaReader reader, short version);

    /// <summary><paramref name="minSize"/>: bytes of the shortest element in any version, which bound how many there can be.</summary>
    public static T[] Read<T>(ref KafkaReader reader, int minSize, short version, ReadElement<T> read)
    {
        var count = reader.ReadArrayLength(minSize);
        var elements = count == 0 ? [] : new T[count];
        for (var i = 0; i < elements.Length; i++)
        {
            elements[i] = read(ref reader, version);
        }

        return elements;
    }
}
