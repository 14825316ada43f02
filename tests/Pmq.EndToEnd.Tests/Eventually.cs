using System.Runtime.CompilerServices;

namespace Pmq.EndToEnd.Tests;

/// <summary>Waits for state that tells nobody of its changes.</summary>
internal static class Eventually
{
    /// <summary>What a loaded machine may take; a test that runs into it has failed.</summary>
    public static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    /// <summary>Asks again until the condition holds.</summary>
    public static async Task HoldsAsync(
        Func<Task<bool>> condition,
        TimeSpan? limit = null,
        [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        using var expired = new CancellationTokenSource(limit ?? Generous);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            Assert.False(expired.IsCancellationRequested, $"within {limit ?? Generous} it did not hold: {text}");
            await timer.WaitForNextTickAsync();
        }
    }
}
