namespace Pmq.Cli.Demo;

/// <summary>Progress as lines on standard error: each phase, and every two seconds how it stands.</summary>
internal static class LineView
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Shows a run until it ends.</summary>
    public static async Task ShowAsync(DemoOptions options, Func<DemoStatus> read, Task run)
    {
        using var timer = new PeriodicTimer(Look);
        string phase = "";
        TimeSpan since = TimeSpan.Zero;
        do
        {
            DemoStatus status = read();
            since += Look;
            bool hasBegun = status.Tally.RoundsPublished.Any(rounds => rounds > 0);
            if (status.Phase != phase || (hasBegun && since >= Period))
            {
                Terminal.Note(hasBegun ? DemoReport.Progress(options, status) : status.Phase);
                phase = status.Phase;
                since = TimeSpan.Zero;
            }

            await Task.WhenAny(run, timer.WaitForNextTickAsync().AsTask());
        }
        while (!run.IsCompleted);
    }
}
