using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Pmq.Engine;

namespace Pmq.Interop.Tests.Mesh;

/// <summary>
/// The messages of a mesh run, as <c>publishPaced</c> and <c>tally</c> of the js peers have them: eight characters of
/// the publisher's name, its number in eight digits, both again up to the size.
/// </summary>
internal sealed class Traffic
{
    private const int HeadLength = 16;

    private readonly ConcurrentDictionary<string, HashSet<int>> _delivered = new();

    /// <summary>Messages that were delivered a second time.</summary>
    public int Again { get; private set; }

    /// <summary>Messages that nobody of the run published.</summary>
    public int Foreign { get; private set; }

    /// <summary>Different messages that were delivered, by publisher.</summary>
    public IReadOnlyDictionary<string, int> Delivered => _delivered.ToDictionary(p => p.Key, p => p.Value.Count);

    public static byte[] Payload(string name, int number, int size)
    {
        byte[] head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name,-8}{number:D8}"));
        byte[] payload = new byte[size];
        for (int at = 0; at < size; at += HeadLength)
        {
            head.AsSpan(0, Math.Min(HeadLength, size - at)).CopyTo(payload.AsSpan(at));
        }

        return payload;
    }

    /// <summary>Publishes at a steady pace; the least number of peers that one message was sent to.</summary>
    public static async Task<int> PublishAsync(PmqPeer peer, string topic, string name, MeshPlan plan)
    {
        int reached = int.MaxValue;
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / plan.PerSecond));
        for (int i = 0; i < plan.Messages; i++)
        {
            byte[] payload = Payload(name, i, plan.Sizes[i % plan.Sizes.Count]);
            var outcome = await peer.PublishAsync(topic, payload, default);
            reached = Math.Min(reached, outcome.Sent + outcome.Queued);
            await pace.WaitForNextTickAsync();
        }

        return reached;
    }

    /// <summary>Counts what a listener is handed, until it ends.</summary>
    public async Task CountAsync(PmqPeer peer, MessageListener listener, CancellationToken cancellationToken)
    {
        await foreach (var message in listener.ReadAllAsync(cancellationToken))
        {
            if (!message.ReceivedFrom.Equals(peer.LocalPeer))
            {
                Count(message.Data.Span);
            }
        }
    }

    private void Count(ReadOnlySpan<byte> data)
    {
        if (data.Length < HeadLength
            || !int.TryParse(data[8..HeadLength], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            Foreign++;
            return;
        }

        var numbers = _delivered.GetOrAdd(Encoding.ASCII.GetString(data[..8]).TrimEnd(), _ => []);
        Again += numbers.Add(number) ? 0 : 1;
    }
}
