namespace Pmq.Simulation.Time;

/// <summary>Something that is due at a time; which fields are set depends on the kind.</summary>
internal struct SimEvent
{
    public long Due;
    public object Target;
    public object? Subject;
    public int Number;
    public int Life;
    public EventKind Kind;
}
