using System.Diagnostics.CodeAnalysis;
using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Networks;

/// <summary>The networks whose reports are wanted, with their pinned keys. Immutable.</summary>
public sealed class Keyring : IKeyringSource
{
    /// <summary>Makes a keyring.</summary>
    /// <exception cref="ArgumentException">An id, digest or overlay is there twice; one line that names it.</exception>
    public Keyring(IReadOnlyList<Network> networks) => throw new NotImplementedException();

    /// <summary>The networks.</summary>
    public IReadOnlyList<Network> Networks => throw new NotImplementedException();

    /// <summary>The overlays of all networks, sorted: what to subscribe to and to verify.</summary>
    public IReadOnlyList<string> Overlays => throw new NotImplementedException();

    /// <inheritdoc />
    Keyring IKeyringSource.Current => this;

    /// <summary>Finds the network and epoch that <paramref name="digest"/> names.</summary>
    public bool TryFind(
        ConfigDigest digest, [NotNullWhen(true)] out Network? network, [NotNullWhen(true)] out NetworkEpoch? epoch) =>
        throw new NotImplementedException();
}
