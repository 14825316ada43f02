using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Pmq.Core.Runtime;

/// <summary>Checks of what must hold whatever a peer sends; on in production. A broken one is a bug of ours.</summary>
public static class Invariant
{
    /// <summary>Throws if <paramref name="condition"/> is false.</summary>
    /// <exception cref="InvariantException">The condition is false.</exception>
    public static void Check(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string? expression = null)
    {
        if (!condition)
        {
            Throw(expression);
        }
    }

    [DoesNotReturn]
    private static void Throw(string? expression) =>
        throw new InvariantException($"Invariant broken: {expression}");
}
