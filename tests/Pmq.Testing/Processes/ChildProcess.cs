using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Pmq.Testing.Processes;

/// <summary>A process of a test: its output is read as lines, and it is killed by its id when the test is done with it.</summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private const int SigInt = 2;
    private const int SigTerm = 15;

    private readonly Process _process;
    private readonly SemaphoreSlim _input = new(1);

    private ChildProcess(Process process, Func<string, bool>? takeOutput)
    {
        _process = process;
        Id = process.Id;
        Output = new LineLog($"{process.StartInfo.FileName} ({Id})");
        Errors = new LineLog($"{process.StartInfo.FileName} ({Id}), standard error");
        Exited = Task.WhenAll(
            ReadAsync(process.StandardOutput, Output, takeOutput), ReadAsync(process.StandardError, Errors, null));
    }

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>What it printed to standard output.</summary>
    public LineLog Output { get; }

    /// <summary>What it printed to standard error.</summary>
    public LineLog Errors { get; }

    /// <summary>Completes when it has closed its outputs: it ended, or is about to.</summary>
    public Task Exited { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Starts <paramref name="fileName"/>.</summary>
    /// <param name="fileName">The executable: a path, or a name found on the PATH.</param>
    /// <param name="arguments">Its arguments, each passed as it is.</param>
    /// <param name="workingDirectory">Where it starts; null: where the test runs.</param>
    /// <param name="environment">Variables added to the test's own; a null value removes one.</param>
    /// <param name="takeOutput">Sees each line of standard output first; true keeps it out of <see cref="Output"/>.</param>
    public static ChildProcess Start(
        string fileName,
        IEnumerable<string> arguments,
        string? workingDirectory = null,
        IReadOnlyDictionary<string, string?>? environment = null,
        Func<string, bool>? takeOutput = null)
    {
        var info = new ProcessStartInfo(fileName, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            info.Environment[name] = value;
        }

        return new ChildProcess(Process.Start(info)!, takeOutput);
    }

    /// <summary>Writes one line to its standard input. Thread-safe.</summary>
    public async Task WriteLineAsync(string line)
    {
        await _input.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(line);
            await _process.StandardInput.FlushAsync();
        }
        finally
        {
            _input.Release();
        }
    }

    /// <summary>Closes its standard input.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Asks it to end: SIGTERM.</summary>
    public void Terminate() => Signal(SigTerm);

    /// <summary>Asks it to end as Ctrl-C does: SIGINT.</summary>
    public void Interrupt() => Signal(SigInt);

    /// <summary>Ends it at once, as a crash would: SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Waits for its end and for the rest of its output; returns the exit code.</summary>
    /// <exception cref="TimeoutException">It goes on; default of the limit 60 s.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan? timeout = null)
    {
        using var deadline = new CancellationTokenSource(timeout ?? TimeSpan.FromSeconds(60));
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName} ({Id}) goes on.\n{Output.Tail()}\n{Errors.Tail()}");
        }

        await Exited;
        return _process.ExitCode;
    }

    /// <summary>Kills it and what it started, if it still runs, and waits until it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        await Exited;
        _process.Dispose();
        _input.Dispose();
    }

    private void Signal(int signal)
    {
        if (kill(Id, signal) != 0)
        {
            throw new Win32Exception();
        }
    }

    private static async Task ReadAsync(StreamReader reader, LineLog log, Func<string, bool>? take)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                if (take?.Invoke(line) != true)
                {
                    log.Add(line);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The process was disposed while a grandchild still held its output.
        }

        log.End();
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
}
