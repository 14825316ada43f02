using System.Buffers;
using System.IO.Pipelines;
using Pmq.Core.Hosting;

namespace Pmq.Libp2p.Tests.Yamux;

internal static class StreamReading
{
    public static async Task<byte[]> ReadExactlyAsync(this IStream stream, int length)
    {
        ReadResult result = await stream.Input.ReadAtLeastAsync(length).AsTask().WaitAsync(YamuxPair.Patience);
        ReadOnlySequence<byte> wanted = result.Buffer.Slice(0, length);
        byte[] bytes = wanted.ToArray();
        stream.Input.AdvanceTo(wanted.End);
        return bytes;
    }

    public static async Task<byte[]> ReadToEndAsync(this IStream stream)
    {
        var all = new ArrayBufferWriter<byte>();
        while (true)
        {
            ReadResult result = await stream.Input.ReadAsync().AsTask().WaitAsync(YamuxPair.Patience);
            foreach (ReadOnlyMemory<byte> part in result.Buffer)
            {
                all.Write(part.Span);
            }

            stream.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return all.WrittenSpan.ToArray();
            }
        }
    }
}
