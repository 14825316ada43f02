using Pmq.Gossipsub.State;

namespace Pmq.Gossipsub.Tests.State;

/// <summary>Frames are copied into chunks that are reused in turn.</summary>
public sealed class FrameStoreTests
{
    private readonly FrameStore _store = new();

    [Fact]
    public void A_frame_is_copied_and_found_where_it_was_put()
    {
        byte[] first = [1, 2, 3];
        byte[] second = [4, 5];

        Assert.Null(_store.Keep(first, first.Length, out FrameChunk? chunk, out int offset));
        Assert.Null(_store.Keep(second, second.Length, out FrameChunk? sameChunk, out int nextOffset));

        Assert.Same(chunk, sameChunk);
        Assert.Equal(first, chunk!.Bytes[offset..(offset + 3)]);
        Assert.Equal(second, chunk.Bytes[nextOffset..(nextOffset + 2)]);
    }

    [Fact]
    public void A_frame_of_the_large_object_heap_is_kept_itself()
    {
        byte[] large = new byte[100_000];

        Assert.Same(large, _store.Keep(large, large.Length, out FrameChunk? chunk, out _));
        Assert.Null(chunk);
    }

    [Fact]
    public void A_chunk_is_used_again_once_all_its_frames_are_forgotten()
    {
        byte[] half = new byte[80_000];
        FrameChunk? first = null;
        int frames = 0;
        FrameChunk? chunk;
        for (_store.Keep(half, half.Length, out chunk, out _), first = chunk;
            chunk == first;
            _store.Keep(half, half.Length, out chunk, out _))
        {
            frames++;
        }

        Assert.Equal(FrameStore.ChunkBytes / half.Length, frames);
        for (int i = 0; i < frames; i++)
        {
            _store.Forget(first);
        }

        for (FrameChunk? second = chunk; chunk == second;)
        {
            _store.Keep(half, half.Length, out chunk, out _);
        }

        Assert.Same(first, chunk);
    }

    [Fact]
    public void A_chunk_that_stays_free_is_given_back_and_one_that_is_needed_in_turn_is_not()
    {
        byte[] frame = new byte[80_000];
        int inAChunk = FrameStore.ChunkBytes / frame.Length;
        HashSet<FrameChunk> seen = [];
        List<FrameChunk> held = [];
        for (int heartbeat = 0; heartbeat < 40; heartbeat++)
        {
            // A chunk and a half come in each heartbeat, and those of the one before are forgotten.
            held.ForEach(_store.Forget);
            held.Clear();
            for (int i = 0; i < inAChunk * 3 / 2; i++)
            {
                _store.Keep(frame, frame.Length, out FrameChunk? chunk, out _);
                held.Add(chunk!);
            }

            seen.UnionWith(held);
            _store.Trim();
        }

        Assert.InRange(seen.Count, 2, 4);

        held.ForEach(_store.Forget);
        for (int heartbeat = 0; heartbeat < 16; heartbeat++)
        {
            _store.Trim();
        }

        FrameChunk current = held[^1];
        FrameChunk? next;
        for (next = current; next == current;)
        {
            _store.Keep(frame, frame.Length, out next, out _);
        }

        Assert.DoesNotContain(next!, seen);
    }
}
