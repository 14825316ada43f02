using Pmq.Simulation.Messages;

namespace Pmq.Simulation.Nodes;

/// <summary>What became of a publication.</summary>
/// <param name="Message">The message.</param>
/// <param name="Recipients">Peers that the router chose.</param>
/// <param name="Dropped">Those of them whose queue refused it.</param>
public readonly record struct PublishResult(SimMessage Message, int Recipients, int Dropped);
