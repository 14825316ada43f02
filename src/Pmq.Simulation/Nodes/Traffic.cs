namespace Pmq.Simulation.Nodes;

/// <summary>Publications at an even rate: the publishers take turns, each turn at a drawn point of its slot.</summary>
/// <param name="Publishers">Who publishes; one that is down loses its turn.</param>
/// <param name="Topic">On which topic.</param>
/// <param name="PerSecond">Messages a second, of all of them together.</param>
/// <param name="Size">Bytes of payload.</param>
public sealed record Traffic(IReadOnlyList<HonestNode> Publishers, string Topic, double PerSecond, int Size)
{
    /// <summary>Publishes from one time until another.</summary>
    public void Start(World world, TimeSpan from, TimeSpan until)
    {
        TimeSpan slot = TimeSpan.FromSeconds(1 / PerSecond);
        long turn = 0;
        Next();

        void Next()
        {
            TimeSpan begin = from + TimeSpan.FromTicks((long)(turn * (double)slot.Ticks));
            if (begin >= until)
            {
                return;
            }

            world.At(begin + (slot * world.Chance.NextDouble()), () =>
            {
                HonestNode publisher = Publishers[(int)(turn++ % Publishers.Count)];
                if (publisher.IsUp)
                {
                    publisher.Publish(Topic, Size);
                }

                Next();
            });
        }
    }
}
