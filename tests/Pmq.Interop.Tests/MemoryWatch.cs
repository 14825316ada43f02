using Pmq.Testing.Peers;

namespace Pmq.Interop.Tests;

/// <summary>Samples the memory of this process while a transfer runs; the js peer's own before and after.</summary>
internal sealed class MemoryWatch(JsPeer js) : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _sampling = Task.CompletedTask;
    private long _before;
    private long _highest;
    private long _jsBefore;

    public async Task StartAsync()
    {
        _jsBefore = await JsBytesAsync();
        _before = GC.GetTotalMemory(forceFullCollection: true);
        _sampling = SampleAsync();
    }

    /// <summary>The larger growth of the two sides, in bytes.</summary>
    public async Task<long> GrowthAsync()
    {
        await _stopping.CancelAsync();
        await _sampling;
        long ours = Math.Max(_highest, GC.GetTotalMemory(forceFullCollection: true)) - _before;
        return Math.Max(ours, await JsBytesAsync() - _jsBefore);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task SampleAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                _highest = Math.Max(_highest, GC.GetTotalMemory(forceFullCollection: false));
            }
        }
        catch (OperationCanceledException)
        {
            // Enough seen.
        }
    }

    private async Task<long> JsBytesAsync()
    {
        var memory = await js.CallAsync("memory");
        return memory.GetProperty("heap").GetInt64() + memory.GetProperty("external").GetInt64();
    }
}
