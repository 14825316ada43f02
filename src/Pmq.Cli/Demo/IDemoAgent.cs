namespace Pmq.Cli.Demo;

/// <summary>A running agent of the demo; disposing it ends it.</summary>
internal interface IDemoAgent : IAsyncDisposable
{
    /// <summary>What the demo calls it.</summary>
    string Name { get; }

    /// <summary>Who it is and where.</summary>
    AgentAddress Address { get; }

    /// <summary>Completes, with what happened, when it ends without being asked to.</summary>
    Task<string> Broken { get; }
}
