/// <summary>The flags of <c>don node</c>.</summary>
/// <param name="Network">Our network, one of those in <paramref name="Networks"/>.</param>
/// <param name="Agent">Our agent: HOST:PORT or unix:PATH.</param>
/// <param name="Networks">The file with the networks that we know, our own among them.</param>
/// <param name="Key">The file with the secret by which we sign: 64 hexadecimal digits.</param>
/// <param name="State">The folder that remembers over restarts what was accepted.</param>
/// <param name="Interval">Seconds from one round to the next.</param>
internal sealed record NodeOptions(
    string Network,
    string Agent,
    string Networks,
    string Key,
    string State,
    double Interval = 1);
