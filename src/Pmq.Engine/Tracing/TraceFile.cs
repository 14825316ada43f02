using System.Buffers;
using Microsoft.Extensions.Logging;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Engine.Tracing;

/// <summary>
/// Writes events to a file from a loop of its own. Events are encoded where they happen, into a buffer that the loop
/// swaps for an empty one; what finds no room is dropped and counted, so that no disk, however slow or full, holds the
/// router up. Any thread may trace.
/// </summary>
/// <remarks>
/// A file that cannot be written is tried again after <see cref="RetryDelay"/>, cut back to the last whole event.
/// </remarks>
internal sealed class TraceFile : IAsyncDisposable
{
    /// <summary>What the name of a file that is put aside ends in.</summary>
    public const string AsideSuffix = ".1";

    private static readonly TimeSpan EndLimit = TimeSpan.FromMilliseconds(500);

    private readonly string _path;
    private readonly ITraceFormat _format;
    private readonly int _bufferBytes;
    private readonly long _maxFileBytes;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly AsyncSignal _signal = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _loop;

    // Guarded by the gate.
    private ArrayBufferWriter<byte> _filling = new();
    private int _fillingEvents;
    private bool _isEnded;

    // The loop's own.
    private ArrayBufferWriter<byte> _writing = new();
    private int _writingEvents;
    private FileStream? _file;
    private long _length;
    private bool _isFailing;

    private long _written;
    private long _dropped;

    private TraceFile(string path, ITraceFormat format, TraceOptions options, TimeProvider time, ILogger logger)
    {
        _path = path;
        _format = format;
        _bufferBytes = options.BufferBytes;
        _maxFileBytes = options.MaxFileBytes;
        _time = time;
        _logger = logger;
        PutAside();
        _file = OpenFile();
        _loop = Task.Run(RunAsync);
    }

    /// <summary>How long a file that cannot be written is left alone.</summary>
    public static TimeSpan RetryDelay { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Events that are in the file.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Events that the file does not get: no room, or it cannot be written.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Opens the file; one that is there already is put aside as FILE.1.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The setting that names it, for the fault.</param>
    /// <param name="format">Owned from here on.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">A guarded one.</param>
    /// <exception cref="PmqOptionsException">It cannot be opened.</exception>
    public static TraceFile Open(
        string path, string key, ITraceFormat format, TraceOptions options, TimeProvider time, ILogger logger)
    {
        try
        {
            return new TraceFile(path, format, options, time, logger);
        }
        catch (Exception e) when (IsFault(e))
        {
            throw new PmqOptionsException(key, $"{key} = {path} cannot be written: {e.Message}");
        }
    }

    /// <summary>Takes an event, or drops and counts it.</summary>
    public void Trace(in TraceEvent traced)
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_gate)
        {
            if (_isEnded || _filling.WrittenCount >= _bufferBytes)
            {
                Interlocked.Increment(ref _dropped);
                return;
            }

            int before = _filling.WrittenCount;
            _format.Write(traced, now, _filling);
            if (_filling.WrittenCount == before)
            {
                return; // Not in this format.
            }

            _fillingEvents++;
        }

        _signal.Set();
    }

    /// <summary>Writes what waits, unless that takes too long, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isEnded = true;
        }

        await _ending.CancelAsync();
        _signal.Set();
        try
        {
            await _loop.WaitAsync(EndLimit, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            // A disk that hangs does not hold up the end; the loop ends when the disk answers.
            Log.EndedLate(_logger, _path);
        }
    }

    private async Task RunAsync()
    {
        while (Swap())
        {
            if (_writingEvents == 0)
            {
                await _signal.WaitAsync();
            }
            else if (!Write())
            {
                Interlocked.Add(ref _dropped, _writingEvents);
                await PauseAsync();
            }
        }

        Close();
        _format.Dispose();
    }

    /// <summary>Takes what has come in. False when nothing has and nothing will.</summary>
    private bool Swap()
    {
        _writing.ResetWrittenCount();
        lock (_gate)
        {
            (_filling, _writing) = (_writing, _filling);
            (_writingEvents, _fillingEvents) = (_fillingEvents, 0);
            return _writingEvents > 0 || !_isEnded;
        }
    }

    private bool Write()
    {
        try
        {
            if (_length >= _maxFileBytes)
            {
                _file?.Dispose();
                _file = null;
                PutAside();
            }

            _file ??= OpenFile();
            _file.Write(_writing.WrittenSpan);
            _length += _writing.WrittenCount;
            Interlocked.Add(ref _written, _writingEvents);
            if (_isFailing)
            {
                _isFailing = false;
                Log.WritesAgain(_logger, _path, Dropped);
            }

            return true;
        }
        catch (Exception e) when (IsFault(e))
        {
            if (!_isFailing)
            {
                _isFailing = true;
                Log.WriteFailed(_logger, _path, e.Message, RetryDelay);
            }

            Close();
            return false;
        }
    }

    private void Close()
    {
        try
        {
            _file?.Dispose();
        }
        catch (Exception e) when (IsFault(e))
        {
            // It is closed all the same, and the fault has been told.
        }

        _file = null;
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(RetryDelay, _time, _ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The end: what still waits is tried once more.
        }
    }

    /// <summary>The file as this loop left it: a part of an event that a fault left behind is cut off.</summary>
    private FileStream OpenFile()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            Share = FileShare.Read | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            // Who talks to whom about what is no business of the machine's other users.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var file = new FileStream(_path, options);
        try
        {
            if (file.CanSeek)
            {
                // Removed or cut by others meanwhile: it goes on from its end.
                long there = file.Length;
                _length = Math.Min(_length, there);
                if (there > _length)
                {
                    file.SetLength(_length);
                }

                file.Seek(_length, SeekOrigin.Begin);
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void PutAside()
    {
        // A device or a pipe has no length and stays where it is.
        if (new FileInfo(_path) is { Exists: true, Length: > 0 })
        {
            File.Move(_path, _path + AsideSuffix, overwrite: true);
        }

        _length = 0;
    }

    private static bool IsFault(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;
}
