namespace Pmq.Simulation.Measuring;

/// <summary>What a step of the trace is.</summary>
internal enum TraceStep
{
    Start,
    Stop,
    Open,
    Close,
    Send,
    Arrive,
    Drop,
    Publish,
    Verdict,
    Deliver,
    Graft,
    Prune,
    Penalise,
}
