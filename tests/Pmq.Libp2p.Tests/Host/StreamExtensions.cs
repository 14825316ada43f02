using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Pmq.Core.Hosting;

namespace Pmq.Libp2p.Tests.Host;

/// <summary>Short forms for tests that read and write whole texts.</summary>
internal static class StreamExtensions
{
    public static ValueTask WriteTextAsync(this IStream stream, string text) =>
        stream.WriteAsync(Encoding.UTF8.GetBytes(text), HostFixture.Soon);

    /// <summary>Reads exactly as many bytes.</summary>
    public static async Task<string> ReadTextAsync(this IStream stream, int bytes)
    {
        ReadResult read = await stream.Input.ReadAtLeastAsync(bytes, HostFixture.Soon);
        Assert.True(read.Buffer.Length >= bytes, $"The stream ended after {read.Buffer.Length} of {bytes} bytes.");
        ReadOnlySequence<byte> taken = read.Buffer.Slice(0, bytes);
        string text = Encoding.UTF8.GetString(taken);
        stream.Input.AdvanceTo(taken.End);
        return text;
    }

    /// <summary>Reads to the peer's half-close.</summary>
    public static async Task<string> ReadToEndAsync(this IStream stream)
    {
        var text = new StringBuilder();
        while (true)
        {
            ReadResult read = await stream.Input.ReadAsync(HostFixture.Soon);
            text.Append(Encoding.UTF8.GetString(read.Buffer));
            stream.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return text.ToString();
            }
        }
    }

    /// <summary>A handler that sends back what comes, to the peer's half-close.</summary>
    public static async Task EchoAsync(IStream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await stream.Input.ReadAsync(cancellationToken);
            foreach (ReadOnlyMemory<byte> segment in read.Buffer)
            {
                await stream.WriteAsync(segment, cancellationToken);
            }

            stream.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                await stream.CloseWriteAsync(cancellationToken);
                return;
            }
        }
    }
}
