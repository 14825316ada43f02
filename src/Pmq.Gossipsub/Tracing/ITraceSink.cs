namespace Pmq.Gossipsub.Tracing;

/// <summary>Takes events from the router and its driver.</summary>
/// <remarks>
/// Called in the router's turn: it may not wait, throw or call back. What an event refers to is borrowed for the call.
/// Events carry no time; the sink knows it.
/// </remarks>
public interface ITraceSink
{
    /// <summary>Something happened.</summary>
    void Trace(in TraceEvent traced);
}
