namespace Pmq.Cli;

/// <summary>The end of standard input as a reason to stop.</summary>
internal static class StandardInput
{
    /// <summary>Cancels <paramref name="stopping"/> when standard input ends; what it holds is not looked at.</summary>
    public static void CancelAtEnd(CancellationTokenSource stopping)
    {
        // A thread of its own: reading standard input blocks, and ends with the process if with nothing else.
        var reader = new Thread(() =>
        {
            Span<byte> skipped = stackalloc byte[256];
            try
            {
                using Stream input = Console.OpenStandardInput();
                while (input.Read(skipped) > 0)
                {
                    // Not for us.
                }
            }
            catch (IOException)
            {
                // A terminal that is gone has ended too.
            }

            try
            {
                stopping.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has stopped already.
            }
        })
        {
            IsBackground = true,
            Name = "standard input",
        };
        reader.Start();
    }
}
