namespace Pmq.Simulation.Nodes;

/// <summary>How a node's verifier works: it knows the truth, but takes its time.</summary>
public sealed record VerifierOptions
{
    /// <summary>The least time from message to verdict beside waiting. Default 1 ms.</summary>
    public TimeSpan MinDelay { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>The most; drawn evenly between both. Default 2 ms.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Verdicts a second, one after another; 0 (default) sets no limit.</summary>
    public double PerSecond { get; init; }

    /// <summary>Messages that it holds; more are lost as <c>QueueFull</c>. Default 1024.</summary>
    public int QueueLength { get; init; } = 1024;

    /// <summary>After which a verdict is not waited for. Default 5 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Older messages than this are ignored; default 10 min.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMinutes(10);
}
