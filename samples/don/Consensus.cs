using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Pmq.Client;
using Pmq.Verifiers.Networks;

/// <summary>
/// Stands for the consensus of our network (OCR, say): what gives all honest members the same reports to sign, in the
/// same order. Here each member counts for itself, once it sees that all the others are there.
/// </summary>
internal sealed class Consensus(NodeOptions options, Member member, IKeyringSource networks, PmqClient client)
{
    /// <summary>What our network reports, round by round.</summary>
    public async IAsyncEnumerable<(long Sequence, byte[] Payload)> RoundsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (!await AreAllHereAsync(cancellationToken))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        }

        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Interval));
        for (long sequence = 1; await timer.WaitForNextTickAsync(cancellationToken); sequence++)
        {
            yield return (sequence, Encoding.UTF8.GetBytes(Text(sequence)));
        }
    }

    /// <summary>Alpha reports prices, any other network the states of a chain.</summary>
    private string Text(long round) => member.Network.Id == "alpha"
        ? string.Create(CultureInfo.InvariantCulture, $"ETH/USD {3141.58m + (round / 100m):F2}")
        : $"block {round} {Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(round)))[..16]}";

    /// <summary>Whether we share our overlays with all other members, and with all nodes of the other networks.</summary>
    private async Task<bool> AreAllHereAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<AgentPeer> peers = await client.ListPeersAsync(cancellationToken);
        int members = peers.Count(peer => peer.MeshTopics.Contains(member.SignatureOverlay));
        int listeners = peers.Count(peer => peer.Topics.Contains(member.ReportOverlay));
        int others = networks.Current.Networks.Where(network => network.Id != member.Network.Id).Sum(NodesOf);
        return members >= NodesOf(member.Network) - 1 && listeners >= others;
    }

    private static int NodesOf(Network network) => network.Epochs[^1].Signers.Signers.Count;
}
