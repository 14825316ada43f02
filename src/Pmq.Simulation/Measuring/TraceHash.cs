using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pmq.Simulation.Links;

namespace Pmq.Simulation.Measuring;

/// <summary>Folds each step of a run into 64 bits, in order. Not against an adversary: against accidents.</summary>
internal sealed class TraceHash(bool isOn)
{
    private const ulong Prime = 0x9E3779B97F4A7C15UL;

    private ulong _value = 0x243F6A8885A308D3UL;

    public ulong Value => _value ^ (_value >> 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long now, int actor, TraceStep step, long detail)
    {
        if (isOn)
        {
            ulong value = Mix(_value, (ulong)now);
            value = Mix(value, ((ulong)(uint)actor << 8) | (byte)step);
            _value = Mix(value, (ulong)detail);
        }
    }

    /// <summary>A step with a frame, whose hash is kept where it goes to several.</summary>
    public void Add(long now, int actor, TraceStep step, Frame detail)
    {
        if (isOn)
        {
            Add(now, actor, step, detail.Hash ??= HashOf(detail.Rpc.Span));
        }
    }

    private static long HashOf(ReadOnlySpan<byte> bytes)
    {
        ulong value = (ulong)bytes.Length;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            value = Mix(value, word);
        }

        foreach (byte last in bytes[(words.Length * sizeof(ulong))..])
        {
            value = Mix(value, last);
        }

        return (long)value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value, ulong next)
    {
        value = (value ^ next) * Prime;
        return value ^ (value >> 29);
    }
}
