using Pmq.Core.Addresses;

namespace Pmq.Interop.Tests.Mesh;

/// <summary>One peer of a mesh run, js or ours.</summary>
internal interface IMeshMember : IAsyncDisposable
{
    /// <summary>At most eight characters, different for each.</summary>
    string Name { get; }

    string PeerId { get; }

    string Address { get; }

    Task DialAsync(string address);

    /// <summary>Waits until this many peers are in its mesh.</summary>
    Task AwaitMeshAsync(int peers);

    /// <summary>Publishes as planned; the least number of peers that one message was sent to.</summary>
    Task<int> PublishAsync(MeshPlan plan);

    Task<Tally> TallyAsync();

    /// <summary>The score of every peer that it remembers, and the score below which it takes nothing.</summary>
    Task<(IReadOnlyDictionary<string, double> Scores, double Graylist)> ScoresAsync();
}
