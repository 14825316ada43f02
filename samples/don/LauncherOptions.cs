/// <summary>The flags of <c>don</c>.</summary>
/// <param name="Rounds">It ends when every node has so many reports of the other network; 0 goes on for good.</param>
/// <param name="Interval">Seconds from one round to the next.</param>
internal sealed record LauncherOptions(int Rounds = 10, double Interval = 1);
