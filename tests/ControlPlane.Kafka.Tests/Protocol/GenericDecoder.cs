using System.Text;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>The reverse of <see cref="GenericEncoder"/>, from the definition alone. Knows no unknown tags: our writers must not produce any.</summary>
internal sealed class GenericDecoder(MessageDefinition message, int version, byte[] bytes)
{
    private readonly bool _flexible = message.Flexible.Contains(version);
    private int _at;

    public Dictionary<string, object?> Decode()
    {
        var values = ReadStruct(message.Fields);
        return _at == bytes.Length ? values : throw new InvalidDataException($"{bytes.Length - _at} bytes are left over.");
    }

    private Dictionary<string, object?> ReadStruct(IReadOnlyList<FieldDefinition> fields)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var field in fields.Where(field => field.Versions.Contains(version)))
        {
            values[field.Name] = field.Tagged.Contains(version) ? GenericValue.DefaultOf(field) : ReadField(field);
        }

        for (var tags = _flexible ? ReadVarint() : 0; tags > 0; tags--)
        {
            var tag = ReadVarint();
            var field = fields.Single(field => field.Tagged.Contains(version) && field.Tag == tag);
            var end = ReadVarint() + _at;
            values[field.Name] = ReadField(field);
            if (_at != end)
            {
                throw new InvalidDataException($"Tag {tag} ends at {_at}, its size says {end}.");
            }
        }

        return values;
    }

    private object? ReadField(FieldDefinition field)
    {
        if (!field.IsArray)
        {
            return ReadValue(field);
        }

        var count = ReadCount(4);
        if (count < 0)
        {
            return null;
        }

        var element = field with { IsArray = false, Nullable = VersionRange.None };
        var elements = new List<object?>();
        for (var i = 0; i < count; i++)
        {
            elements.Add(ReadValue(element));
        }

        return elements;
    }

    private object? ReadValue(FieldDefinition field) => field.Type switch
    {
        "bool" => ReadInteger(1) != 0,
        "int8" => (sbyte)ReadInteger(1),
        "int16" => (short)ReadInteger(2),
        "uint16" => (ushort)ReadInteger(2),
        "int32" => (int)ReadInteger(4),
        "int64" => ReadInteger(8),
        "float64" => BitConverter.Int64BitsToDouble(ReadInteger(8)),
        "uuid" => ReadRaw(16),
        "string" => ReadCount(2) is var length and >= 0 ? Encoding.UTF8.GetString(ReadRaw(length)) : null,
        "bytes" or "records" => ReadCount(4) is var length and >= 0 ? ReadRaw(length) : null,
        _ => field.Nullable.Contains(version) && ReadInteger(1) == -1 ? null : ReadStruct(field.Fields!),
    };

    private int ReadCount(int legacyBytes) => _flexible ? (int)ReadVarint() - 1 : (int)ReadInteger(legacyBytes);

    private byte[] ReadRaw(int count)
    {
        var raw = bytes[_at..(_at + count)];
        _at += count;
        return raw;
    }

    /// <summary>Sign-extended: the first byte brings the sign.</summary>
    private long ReadInteger(int count)
    {
        long value = (sbyte)bytes[_at++];
        for (var i = 1; i < count; i++)
        {
            value = (value << 8) | bytes[_at++];
        }

        return value;
    }

    private uint ReadVarint()
    {
        uint value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[_at++];
            value |= (uint)(next & 0x7F) << shift;
            if (next <= 0x7F)
            {
                return value;
            }
        }
    }
}
