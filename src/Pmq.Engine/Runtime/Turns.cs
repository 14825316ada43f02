namespace Pmq.Engine.Runtime;

/// <summary>
/// What a message costs where topics, and on each topic the peers that hand messages over, take turns: a turn for each
/// piece begun. So many small messages of one do not delay the large one of another, nor the other way round.
/// </summary>
internal static class Turns
{
    /// <summary>What is done in one turn: arbitrary, may be raised; a large message then delays others for longer.</summary>
    public const int PieceBytes = 16 * 1024;

    /// <summary>The turns that a message of so many bytes takes; at least 1.</summary>
    public static int Of(int bytes) => 1 + (Math.Max(0, bytes - 1) / PieceBytes);
}
