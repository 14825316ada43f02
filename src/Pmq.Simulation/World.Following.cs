using System.Globalization;
using Pmq.Simulation.Links;

namespace Pmq.Simulation;

// The way of one message, written down on request, so that a loss can be explained.
public sealed partial class World
{
    private const int MaxFollowed = 100_000;

    private readonly List<string> _followed = [];

    /// <summary>
    /// What happened to the message <see cref="WorldOptions.FollowMessage"/>, in order, one line a step; cut after
    /// 100,000.
    /// </summary>
    public IReadOnlyList<string> Followed => _followed;

    internal void Follow(int messageNumber, Actor actor, string step)
    {
        if (messageNumber >= 0 && messageNumber == Options.FollowMessage && _followed.Count < MaxFollowed)
        {
            _followed.Add(string.Create(
                CultureInfo.InvariantCulture, $"{Now.TotalSeconds:F6} s  actor {actor.Number}: {step}"));
        }
    }

    private void Follow(Frame frame, Connection end, string step)
    {
        if (frame.MessageNumber >= 0 && frame.MessageNumber == Options.FollowMessage)
        {
            Follow(frame.MessageNumber, end.Local, $"{step} actor {end.Remote.Number}");
        }
    }
}
