using System.Reflection;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>Fills our own request and response types with random values, without any definition: seeds for tests that need no Kafka.</summary>
internal static class RandomRecord
{
    public static object Of(Type type, Random random)
    {
        var constructor = type.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length)!;
        var record = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Value(parameter.ParameterType, random))]);
        var taken = constructor.GetParameters().Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.CanWrite && !taken.Contains(property.Name))
            {
                property.SetValue(record, Value(property.PropertyType, random));
            }
        }

        return record;
    }

    private static object? Value(Type type, Random random)
    {
        if (Nullable.GetUnderlyingType(type) is { } present)
        {
            return random.Next(3) == 0 ? null : Value(present, random);
        }

        return type switch
        {
            { IsArray: true } => Elements(type.GetElementType()!, random),
            { IsEnum: true } => Enum.ToObject(type, random.Next(-1, 100)),
            _ when type == typeof(bool) => random.Next(2) == 0,
            _ when type == typeof(byte) => (byte)random.Next(256),
            _ when type == typeof(sbyte) => (sbyte)random.Next(-1, 3),
            _ when type == typeof(short) => (short)random.Next(-1, 100),
            _ when type == typeof(ushort) => (ushort)random.Next(65536),
            _ when type == typeof(int) => random.Next(-1, 5000),
            _ when type == typeof(long) => random.NextInt64(-1, 1L << 40),
            _ when type == typeof(double) => random.NextDouble() * 1e6,
            _ when type == typeof(string) => new string('t', random.Next(20)),
            _ when type == typeof(Guid) => new Guid(random.Next(), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
            _ when type == typeof(ReadOnlyMemory<int>) => new ReadOnlyMemory<int>((int[])Elements(typeof(int), random)),
            _ => Of(type, random),
        };
    }

    private static Array Elements(Type type, Random random)
    {
        var elements = Array.CreateInstance(type, random.Next(4));
        for (var i = 0; i < elements.Length; i++)
        {
            elements.SetValue(Value(type, random), i);
        }

        return elements;
    }
}
