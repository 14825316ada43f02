using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Reports;

/// <summary>Who we are: a member of a network.</summary>
/// <param name="Network">Our network.</param>
/// <param name="Key">Our key.</param>
internal sealed record Member(Network Network, ReportSigner Key)
{
    /// <summary>The configuration that we sign by: the newest.</summary>
    public NetworkEpoch Epoch => Network.Epochs[^1];

    /// <summary>Our place among the signers.</summary>
    public byte Index { get; } = Network.Epochs[^1].Signers.IndexOf(Key.Identity.Span)
        ?? throw new ArgumentException($"the key is of no member of {Network.Id}");

    /// <summary>Where our network publishes its reports: the overlay of the newest version.</summary>
    public string ReportOverlay => Network.Overlays[^1];

    /// <summary>Where the members of our network show each other their signatures.</summary>
    public string SignatureOverlay => $"{Network.Id}.signatures.1";
}
