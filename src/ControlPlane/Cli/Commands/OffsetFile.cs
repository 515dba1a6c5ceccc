using System.Globalization;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Offsets in a file: lines topic,partition,offset, the form that kafka-consumer-groups.sh exports and reads.</summary>
internal static class OffsetFile
{
    private const int MaxLines = 50_000;

    public static IReadOnlyList<OffsetTargetDto> Read(FileInfo file)
    {
        var targets = new List<OffsetTargetDto>();
        var number = 0;
        foreach (var line in Lines(file))
        {
            number++;
            var parts = line.Split(',', StringSplitOptions.TrimEntries);
            // kafka-consumer-groups.sh puts the group first where several groups are exported; that form is not ours to guess.
            if (line.Trim().Length == 0 || (number == 1 && parts is ["topic" or "TOPIC", ..]))
            {
                continue;
            }

            if (parts is not [{ Length: > 0 } topic, var partition, var offset]
                || !int.TryParse(partition, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
                || !long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var next))
            {
                throw new CliException(
                    string.Create(CultureInfo.InvariantCulture, $"Line {number} of {file.Name} is no offset: '{(line.Length > 80 ? line[..80] : line)}'."), "topic,partition,offset such as orders,3,1200", "correct the line");
            }

            targets.Add(new OffsetTargetDto(topic, at, next));
            if (targets.Count > MaxLines)
            {
                throw new CliException(string.Create(CultureInfo.InvariantCulture, $"{file.Name} has more than {MaxLines} offsets."), "fewer at a time", "split the file");
            }
        }

        return targets.Count > 0 ? targets : throw new CliException($"{file.Name} has no offsets.", "lines topic,partition,offset", "kcp groups reset ... --to-file writes such a file");
    }

    public static async Task WriteAsync(FileInfo file, IEnumerable<OffsetChangeDto> rows, CancellationToken cancellationToken)
    {
        try
        {
            await File.WriteAllLinesAsync(
                file.FullName,
                rows.Where(row => (row.Target ?? row.Committed) is not null).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Topic},{row.Partition},{row.Target ?? row.Committed}")),
                cancellationToken);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{file.FullName} can't be written: {ex.Message}", "a file that may be written", "choose another place for --to-file", ex);
        }
    }

    private static IEnumerable<string> Lines(FileInfo file)
    {
        try
        {
            return File.ReadLines(file.FullName).Take(MaxLines + 2).ToList();
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{file.FullName} can't be read: {ex.Message}", "a file with lines topic,partition,offset", "check the path given with --from-file", ex);
        }
    }
}
