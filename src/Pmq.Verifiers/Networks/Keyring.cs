using System.Diagnostics.CodeAnalysis;
using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Networks;

/// <summary>The networks whose reports are wanted, with their pinned keys. Immutable.</summary>
public sealed class Keyring : IKeyringSource
{
    /// <summary>The most networks of a keyring (arbitrary, may be raised).</summary>
    public const int MaxNetworks = 1000;

    /// <summary>The most epochs of a network (arbitrary): one is in force, a second while they change.</summary>
    public const int MaxEpochs = 8;

    /// <summary>The most overlays of a network (arbitrary).</summary>
    public const int MaxOverlays = 64;

    /// <summary>The longest id of a network in bytes of UTF-8 (arbitrary).</summary>
    public const int MaxIdBytes = 128;

    private readonly Network[] _networks;
    private readonly string[] _overlays;
    private readonly Dictionary<ConfigDigest, (Network Network, NetworkEpoch Epoch)> _byDigest = [];
    private readonly Dictionary<string, Network> _byOverlay = new(StringComparer.Ordinal);

    /// <summary>Makes a keyring; it keeps copies of the lists.</summary>
    /// <exception cref="ArgumentException">
    /// There are more networks, epochs or overlays than the bounds allow, a network without epochs or overlays, a
    /// window out of its range, signers of another network, or an id, digest or overlay that is there twice; one line
    /// that names it.
    /// </exception>
    public Keyring(IReadOnlyList<Network> networks)
    {
        ArgumentNullException.ThrowIfNull(networks);
        if (KeyringRules.FirstFault(networks) is { } fault)
        {
            throw new ArgumentException(fault.ToString());
        }

        _networks = [.. networks.Select(network => network with
        {
            Overlays = [.. network.Overlays],
            Epochs = [.. network.Epochs],
        })];
        foreach (Network network in _networks)
        {
            foreach (NetworkEpoch epoch in network.Epochs)
            {
                _byDigest.Add(epoch.Digest, (network, epoch));
            }

            foreach (string overlay in network.Overlays)
            {
                _byOverlay.Add(overlay, network);
            }
        }

        _overlays = [.. _byOverlay.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>The networks, in the order they were given.</summary>
    public IReadOnlyList<Network> Networks => _networks.AsReadOnly();

    /// <summary>The overlays of all networks, sorted by ordinal: what to subscribe to and to verify.</summary>
    public IReadOnlyList<string> Overlays => _overlays.AsReadOnly();

    /// <inheritdoc />
    Keyring IKeyringSource.Current => this;

    /// <summary>Finds the network and epoch that <paramref name="digest"/> names. Allocates nothing.</summary>
    public bool TryFind(
        ConfigDigest digest, [NotNullWhen(true)] out Network? network, [NotNullWhen(true)] out NetworkEpoch? epoch)
    {
        bool isKnown = _byDigest.TryGetValue(digest, out (Network Network, NetworkEpoch Epoch) found);
        (network, epoch) = found;
        return isKnown;
    }

    /// <summary>Finds the network whose reports <paramref name="overlay"/> carries. Allocates nothing.</summary>
    public bool TryFind(string overlay, [NotNullWhen(true)] out Network? network) =>
        _byOverlay.TryGetValue(overlay, out network);
}
