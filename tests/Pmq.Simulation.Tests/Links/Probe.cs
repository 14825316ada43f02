using Pmq.Simulation.Links;

namespace Pmq.Simulation.Tests.Links;

/// <summary>An actor that notes what happens to it.</summary>
internal sealed class Probe : Actor
{
    public List<(TimeSpan At, Frame Frame, FrameClass Class)> Frames { get; } = [];

    public List<string> Events { get; } = [];

    public bool Refuses { get; set; }

    public TimeSpan Time => Now;

    public SendOutcome SendTo(Actor other, Frame frame, FrameClass frameClass = FrameClass.Relay) =>
        Send(ConnectionTo(other)!, frame, frameClass);

    public void DialTo(Actor other) => Dial(other);

    public void Wait(TimeSpan delay, int timer) => SetTimer(delay, timer);

    protected internal override void OnStart() => Events.Add("start");

    protected internal override void OnStop() => Events.Add("stop");

    protected internal override bool Accepts(Actor dialer) => !Refuses;

    protected internal override void OnConnected(Connection connection) =>
        Events.Add($"connected {connection.Remote.Number} {connection.Direction}");

    protected internal override void OnDisconnected(Connection connection) =>
        Events.Add($"disconnected {connection.Remote.Number}");

    protected internal override void OnDialFailed(Actor other) => Events.Add($"failed {other.Number}");

    protected internal override void OnFrame(Connection from, Frame frame, FrameClass frameClass) =>
        Frames.Add((Now, frame, frameClass));

    protected internal override void OnTimer(int timer, object? state) => Events.Add($"timer {timer}");
}
