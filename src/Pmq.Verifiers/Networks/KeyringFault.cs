namespace Pmq.Verifiers.Networks;

/// <summary>What is wrong with a keyring's networks.</summary>
/// <param name="Path">Where, as the networks file names it: <c>networks[2].epochs[0].digest</c>.</param>
/// <param name="Value">The value, shortened; null where there is none to show.</param>
/// <param name="Message">What would be right.</param>
internal sealed record KeyringFault(string Path, string? Value, string Message)
{
    /// <inheritdoc />
    public override string ToString() => Value is null ? $"{Path}: {Message}" : $"{Path} = {Value}: {Message}";
}
