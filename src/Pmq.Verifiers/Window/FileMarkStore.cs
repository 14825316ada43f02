using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Window;

/// <summary>
/// Keeps marks in <c>marks.json</c> of one directory. Marks only rise. Thread-safe; the owner disposes it after the
/// verifiers that use it.
/// </summary>
/// <remarks>
/// Whoever waits for a mark while the file is being written shares the next write, so the disk is flushed once for many
/// reports. A mark that could not be written is tried again with the next one.
/// </remarks>
public sealed class FileMarkStore : IMarkStore, IAsyncDisposable
{
    // What the lock of another process looks like: ERROR_SHARING_VIOLATION, EWOULDBLOCK on Linux and on BSD.
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int WouldBlock = 11;
    private const int WouldBlockBsd = 35;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _wanted = new(0, 1);
    private readonly FileStream _lockFile;
    private readonly MarkFile _file;
    private readonly FileMarkStoreOptions _options;
    private readonly Dictionary<MarkKey, long> _marks;
    private readonly Dictionary<MarkKey, long> _durable;
    private readonly Task _writing;
    private TaskCompletionSource? _next;
    private bool _disposed;

    private FileMarkStore(FileMarkStoreOptions options, FileStream lockFile, MarkFile file)
    {
        _options = options;
        _lockFile = lockFile;
        _file = file;
        _durable = file.Read();
        _marks = new Dictionary<MarkKey, long>(_durable);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Writes of the file that were tried.</summary>
    internal long Writes { get; private set; }

    /// <summary>Takes the directory and reads its marks.</summary>
    /// <exception cref="MarkStoreException">
    /// The directory cannot be used, another store has it, or its file is damaged; one line.
    /// </exception>
    /// <exception cref="ArgumentException">The options are out of range.</exception>
    public static FileMarkStore Open(FileMarkStoreOptions options) => Open(options, onStep: null);

    internal static FileMarkStore Open(FileMarkStoreOptions options, Action<MarkFileStep>? onStep)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.Directory, nameof(options));
        if (options.MaxMarks is < 1 or > 65_536)
        {
            throw new ArgumentException(
                $"MaxMarks is {options.MaxMarks}; it is at least 1 and at most 65536", nameof(options));
        }

        FileStream lockFile = TakeLock(options.Directory);
        try
        {
            return new FileMarkStore(options, lockFile, new MarkFile(options.Directory, onStep));
        }
        catch
        {
            lockFile.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public long? Load(string networkId, ConfigDigest digest)
    {
        lock (_lock)
        {
            return _marks.TryGetValue(new MarkKey(networkId, digest), out long mark) ? mark : null;
        }
    }

    /// <inheritdoc />
    /// <exception cref="MarkStoreException">
    /// The file cannot be written, or there are more marks than <see cref="FileMarkStoreOptions.MaxMarks"/>; one line.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The store has ended.</exception>
    public ValueTask SaveAsync(
        string networkId, ConfigDigest digest, long sequence, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        MarkKey key = new(networkId, digest);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_durable.TryGetValue(key, out long durable) && durable >= sequence)
            {
                return ValueTask.CompletedTask;
            }

            if (!_marks.TryGetValue(key, out long mark) && _marks.Count >= _options.MaxMarks)
            {
                throw new MarkStoreException(
                    $"{_options.Directory} keeps {_marks.Count} marks, and maxMarks is {_options.MaxMarks}: "
                    + "remove from marks.json those of digests that will not come back");
            }

            _marks[key] = Math.Max(mark, sequence);
            if (_next is null)
            {
                _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _wanted.Release();
            }

            return new ValueTask(_next.Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>Writes what is wanted, then leaves the directory to others.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (!_disposed && _next is null)
            {
                _wanted.Release();
            }

            _disposed = true;
        }

        await _writing.ConfigureAwait(false);
        await _lockFile.DisposeAsync().ConfigureAwait(false);
        _wanted.Dispose();
    }

    private async Task WriteAsync()
    {
        while (true)
        {
            await _wanted.WaitAsync().ConfigureAwait(false);
            TaskCompletionSource waiting;
            KeyValuePair<MarkKey, long>[] marks;
            lock (_lock)
            {
                if (_next is null)
                {
                    return;
                }

                waiting = _next;
                _next = null;
                marks = [.. _marks];
                Writes++;
                if (_disposed)
                {
                    _wanted.Release();
                }
            }

            Write(marks, waiting);
        }
    }

    private void Write(KeyValuePair<MarkKey, long>[] marks, TaskCompletionSource waiting)
    {
        try
        {
            _file.Write(marks);
        }
        catch (Exception e)
        {
            // Whatever it was, those who wait are told; the loop goes on, since a full disk can become free again.
            waiting.SetException(
                new MarkStoreException($"The marks in {_options.Directory} cannot be saved: {e.Message}", e));

            // All who waited may have given up: nobody is left to look at it then.
            _ = waiting.Task.Exception;
            return;
        }

        lock (_lock)
        {
            foreach ((MarkKey key, long mark) in marks)
            {
                _durable[key] = mark;
            }
        }

        waiting.SetResult();
    }

    private static FileStream TakeLock(string directory)
    {
        string path = Path.Combine(directory, "lock");
        try
        {
            Directory.CreateDirectory(directory);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is SharingViolation or WouldBlock or WouldBlockBsd)
        {
            throw new MarkStoreException(
                $"{directory} belongs to another verifier: give each a directory of its own", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MarkStoreException($"{directory} cannot be used: {e.Message}", e);
        }
    }
}
