using System.Diagnostics;
using System.Runtime.InteropServices;

/// <summary>A process that we started: what it prints is handed on line by line, and disposing it ends it.</summary>
internal sealed class Child : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Process _process;

    public Child(string file, IEnumerable<string> arguments, Action<string> onLine, Action<string> onLog, Action onExit)
    {
        var info = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = new Process { StartInfo = info, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, e) => Forward(e.Data, onLine);
        _process.ErrorDataReceived += (_, e) => Forward(e.Data, onLog);
        _process.Exited += (_, _) => onExit();
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            if (!_process.HasExited)
            {
                _ = Kill(_process.Id, SigTerm);
            }

            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static void Forward(string? line, Action<string> receiver)
    {
        if (line is not null)
        {
            receiver(line);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
