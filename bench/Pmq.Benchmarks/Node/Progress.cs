using System.Diagnostics;
using System.IO.MemoryMappedFiles;

namespace Pmq.Benchmarks.Node;

/// <summary>
/// What the two nodes of a run tell each other beside the agents, in shared memory: when each message was published, and
/// how many have been delivered. It costs neither of them anything to speak of.
/// </summary>
/// <remarks>Layout: delivered i64 | published at i64 × <see cref="Slots"/>, by the message's number.</remarks>
internal sealed class Progress : IDisposable
{
    /// <summary>More than may be under way at once.</summary>
    private const int Slots = 1 << 16;

    private const int Length = sizeof(long) * (1 + Slots);

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    /// <summary>Opens the file at <paramref name="path"/>, or makes it.</summary>
    public Progress(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Length);
        _view = _file.CreateViewAccessor(0, Length);
    }

    /// <summary>Messages that have been delivered. Written by the consumer.</summary>
    public long Delivered
    {
        get => _view.ReadInt64(0);
        set => _view.Write(0, value);
    }

    /// <summary>The message of that number is about to be published.</summary>
    public void Publish(long number) => _view.Write(Place(number), Stopwatch.GetTimestamp());

    /// <summary>When that was.</summary>
    public long PublishedAt(long number) => _view.ReadInt64(Place(number));

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private static long Place(long number) => sizeof(long) * (1 + (number % Slots));
}
