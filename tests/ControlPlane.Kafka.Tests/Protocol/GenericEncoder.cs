using System.Text;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>
/// Encodes any message from its definition alone and shares no code with the product. A struct is a dictionary by field
/// name, an array a list, a uuid its 16 bytes, everything else the plain .NET value.
/// </summary>
internal sealed class GenericEncoder(MessageDefinition message, int version, UnknownTags? unknownTags = null)
{
    private readonly bool _flexible = message.Flexible.Contains(version);
    private List<byte> _out = [];

    public byte[] Encode(IReadOnlyDictionary<string, object?> values)
    {
        WriteStruct(message.Fields, values);
        return [.. _out];
    }

    private void WriteStruct(IReadOnlyList<FieldDefinition> fields, IReadOnlyDictionary<string, object?> values)
    {
        foreach (var field in fields)
        {
            if (field.Versions.Contains(version) && !field.Tagged.Contains(version))
            {
                WriteField(field, values[field.Name]);
            }
        }

        if (_flexible)
        {
            WriteTags(fields, values);
        }
    }

    private void WriteTags(IReadOnlyList<FieldDefinition> fields, IReadOnlyDictionary<string, object?> values)
    {
        var tags = new SortedDictionary<uint, byte[]>(unknownTags?.Next() ?? []);
        foreach (var field in fields)
        {
            if (field.Versions.Contains(version) && field.Tagged.Contains(version) && !GenericValue.IsDefault(field, values[field.Name]))
            {
                tags[field.Tag] = Apart(() => WriteField(field, values[field.Name]));
            }
        }

        WriteVarint((uint)tags.Count);
        foreach (var (tag, bytes) in tags)
        {
            WriteVarint(tag);
            WriteVarint((uint)bytes.Length);
            _out.AddRange(bytes);
        }
    }

    private void WriteField(FieldDefinition field, object? value)
    {
        if (!field.IsArray)
        {
            WriteValue(field, value);
            return;
        }

        var elements = (List<object?>?)value;
        WriteCount(elements?.Count ?? -1, bytes: 4);
        foreach (var element in elements ?? [])
        {
            WriteValue(field with { IsArray = false, Nullable = VersionRange.None }, element);
        }
    }

    private void WriteValue(FieldDefinition field, object? value)
    {
        switch (field.Type)
        {
            case "bool": WriteInteger((bool)value! ? 1 : 0, 1); break;
            case "int8": WriteInteger((sbyte)value!, 1); break;
            case "int16": WriteInteger((short)value!, 2); break;
            case "uint16": WriteInteger((ushort)value!, 2); break;
            case "int32": WriteInteger((int)value!, 4); break;
            case "int64": WriteInteger((long)value!, 8); break;
            case "float64": WriteInteger(BitConverter.DoubleToInt64Bits((double)value!), 8); break;
            case "uuid": _out.AddRange((byte[])value!); break;
            case "string": WriteBlock(value is null ? null : Encoding.UTF8.GetBytes((string)value), lengthBytes: 2); break;
            case "bytes" or "records": WriteBlock((byte[]?)value, lengthBytes: 4); break;
            default: WriteNested(field, (Dictionary<string, object?>?)value); break;
        }
    }

    private void WriteNested(FieldDefinition field, Dictionary<string, object?>? values)
    {
        if (field.Tagged.Contains(version) && field.Nullable.Contains(version))
        {
            WriteVarint(values is null ? 0u : 1u);
        }
        else if (field.Nullable.Contains(version))
        {
            WriteInteger(values is null ? -1 : 1, 1);
        }

        if (values is not null)
        {
            WriteStruct(field.Fields!, values);
        }
    }

    private void WriteBlock(byte[]? block, int lengthBytes)
    {
        WriteCount(block?.Length ?? -1, lengthBytes);
        _out.AddRange(block ?? []);
    }

    private void WriteCount(int count, int bytes)
    {
        if (_flexible)
        {
            WriteVarint((uint)(count + 1));
        }
        else
        {
            WriteInteger(count, bytes);
        }
    }

    private void WriteInteger(long value, int bytes)
    {
        for (var shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        {
            _out.Add((byte)(value >> shift));
        }
    }

    private void WriteVarint(uint value)
    {
        for (; value > 0x7F; value >>= 7)
        {
            _out.Add((byte)((value & 0x7F) | 0x80));
        }

        _out.Add((byte)value);
    }

    private byte[] Apart(Action write)
    {
        var outer = _out;
        _out = [];
        write();
        byte[] bytes = [.. _out];
        _out = outer;
        return bytes;
    }
}

/// <summary>Tagged fields of a peer newer than us, sprinkled over a message.</summary>
internal sealed class UnknownTags(Random random)
{
    private const uint FirstUnknown = 1000; // far above the tags any definition uses

    public Dictionary<uint, byte[]> Next()
    {
        var tags = new Dictionary<uint, byte[]>();
        for (var count = random.Next(3); count > 0; count--)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            tags[FirstUnknown + (uint)random.Next(100_000)] = bytes;
        }

        return tags;
    }
}
