using System.Runtime.InteropServices;
using System.Text.Json;
using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Window;

/// <summary>
/// The file of marks: <c>{"version": 1, "marks": [{"network": "don-1", "digest": "64 hex digits", "sequence": 7}]}</c>,
/// sorted by network and digest, replaced whole so that a crash leaves the old or the new one.
/// </summary>
internal sealed partial class MarkFile(string directory, Action<MarkFileStep>? onStep)
{
    private const int Version = 1;

    /// <summary>Arbitrary: the most marks that a store may have, with network ids of 900 bytes.</summary>
    private const long MaxBytes = 64 << 20;

    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    private readonly string _path = Path.Combine(directory, "marks.json");
    private readonly string _newPath = Path.Combine(directory, "marks.json.new");

    /// <summary>Reads the marks; none when there is no file yet.</summary>
    /// <exception cref="MarkStoreException">The file cannot be read or is damaged.</exception>
    public Dictionary<MarkKey, long> Read()
    {
        byte[] bytes;
        try
        {
            if (new FileInfo(_path) is { Exists: true, Length: > MaxBytes })
            {
                throw Damaged($"it has more than {MaxBytes} bytes", null);
            }

            bytes = File.ReadAllBytes(_path);
        }
        catch (FileNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MarkStoreException($"{_path} cannot be read: {e.Message}", e);
        }

        try
        {
            using var document = JsonDocument.Parse(bytes);
            return Parse(document.RootElement);
        }
        catch (InvalidOperationException e)
        {
            throw Damaged("a text in it is no UTF-8", e);
        }
        catch (JsonException e)
        {
            throw Damaged($"line {e.LineNumber + 1} is no JSON", e);
        }
    }

    /// <summary>Replaces the file; when it returns, no crash brings the old one back.</summary>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory cannot be written to.</exception>
    public void Write(IEnumerable<KeyValuePair<MarkKey, long>> marks)
    {
        using (var stream = new FileStream(_newPath, FileMode.Create, FileAccess.Write, FileShare.Read))
        {
            onStep?.Invoke(MarkFileStep.Created);
            using (var writer = new Utf8JsonWriter(stream, Indented))
            {
                Write(writer, marks);
            }

            onStep?.Invoke(MarkFileStep.Written);
            stream.Flush(flushToDisk: true);
        }

        onStep?.Invoke(MarkFileStep.Flushed);
        File.Move(_newPath, _path, overwrite: true);
        onStep?.Invoke(MarkFileStep.Renamed);
        FlushDirectory(directory);
        onStep?.Invoke(MarkFileStep.Durable);
    }

    private static void Write(Utf8JsonWriter writer, IEnumerable<KeyValuePair<MarkKey, long>> marks)
    {
        writer.WriteStartObject();
        writer.WriteNumber("version", Version);
        writer.WriteStartArray("marks");
        foreach ((MarkKey key, long sequence) in marks
            .OrderBy(mark => mark.Key.NetworkId, StringComparer.Ordinal)
            .ThenBy(mark => mark.Key.Digest.ToString(), StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            writer.WriteString("network", key.NetworkId);
            writer.WriteString("digest", key.Digest.ToString());
            writer.WriteNumber("sequence", sequence);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private Dictionary<MarkKey, long> Parse(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("version", out JsonElement version)
            || version.ValueKind != JsonValueKind.Number
            || !version.TryGetInt32(out int number)
            || !root.TryGetProperty("marks", out JsonElement list)
            || list.ValueKind != JsonValueKind.Array)
        {
            throw Damaged("it has no version and marks", null);
        }

        if (number != Version)
        {
            throw new MarkStoreException(
                $"{_path} has version {number}, and this program reads {Version}: use the program that wrote it");
        }

        Dictionary<MarkKey, long> marks = [];
        int index = 0;
        foreach (JsonElement mark in list.EnumerateArray())
        {
            if (mark.ValueKind != JsonValueKind.Object
                || !mark.TryGetProperty("network", out JsonElement network)
                || network.ValueKind != JsonValueKind.String
                || !mark.TryGetProperty("digest", out JsonElement text)
                || text.ValueKind != JsonValueKind.String
                || !ConfigDigest.TryParse(text.GetString(), out ConfigDigest digest)
                || !mark.TryGetProperty("sequence", out JsonElement sequence)
                || sequence.ValueKind != JsonValueKind.Number
                || !sequence.TryGetInt64(out long value)
                || value < 0
                || !marks.TryAdd(new MarkKey(network.GetString()!, digest), value))
            {
                throw Damaged($"marks[{index}] is no network, digest and sequence, or there twice", null);
            }

            index++;
        }

        return marks;
    }

    private MarkStoreException Damaged(string what, Exception? inner) => new(
        $"{_path} is damaged ({what}): put back a copy, or remove it to start from the highest report seen", inner);

    /// <summary>Makes a rename in the directory durable. On Windows the file system's journal does.</summary>
    private static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = NativeOpen(directory, flags: 0);
        if (descriptor < 0)
        {
            throw new IOException($"{directory} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        bool flushed = NativeFsync(descriptor) == 0;
        string? error = flushed ? null : Marshal.GetLastPInvokeErrorMessage();
        _ = NativeClose(descriptor);
        if (!flushed)
        {
            throw new IOException($"{directory} cannot be flushed to disk: {error}");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int NativeOpen(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int NativeFsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int NativeClose(int descriptor);
}
