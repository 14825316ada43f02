namespace Pmq.Interop.Tests.Mesh;

/// <summary>What a member has been delivered.</summary>
/// <param name="Delivered">Different messages, by publisher.</param>
/// <param name="Again">Messages that were delivered a second time.</param>
/// <param name="Foreign">Messages that nobody of the run published.</param>
internal sealed record Tally(IReadOnlyDictionary<string, int> Delivered, int Again, int Foreign)
{
    public int Total => Delivered.Values.Sum();
}
