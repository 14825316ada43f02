namespace Pmq.Verifiers.Window;

/// <summary>
/// Rising runs of sequences ahead of a window: how often a report came that lay above the last of its run, and not far
/// above it. Several are followed at once, so that neither a replayed report below nor a single one far above breaks
/// the run of the network itself.
/// </summary>
internal sealed class RisingRuns
{
    private readonly List<(long Last, int Count, TimeSpan At)> _runs = [];

    /// <summary>Runs that are followed.</summary>
    public int Count => _runs.Count;

    /// <summary>
    /// Adds a sequence to the longest run that it continues, or starts one with it; returns that run's length.
    /// </summary>
    public int Add(long sequence, TimeSpan now, WindowOptions options)
    {
        int continued = -1;
        int length = 0;
        for (int i = 0; i < _runs.Count; i++)
        {
            (long last, int count, _) = _runs[i];
            bool continues = last < sequence && sequence - last <= options.FutureBound;
            if ((continues || last == sequence) && (continues ? count + 1 : count) > length)
            {
                continued = i;
                length = continues ? count + 1 : count;
            }
        }

        if (continued < 0)
        {
            _runs.Add((sequence, 1, now));
            DropLowest(options.MaxRuns);
            return 1;
        }

        _runs[continued] = (sequence, length, now);
        for (int i = _runs.Count - 1; i >= 0; i--)
        {
            if (i != continued && _runs[i].Last == sequence)
            {
                _runs.RemoveAt(i);
                continued -= i < continued ? 1 : 0;
            }
        }

        return length;
    }

    /// <summary>Forgets the runs that a window at <paramref name="high"/> has reached.</summary>
    public void ForgetReached(long high, long futureBound) =>
        _runs.RemoveAll(run => run.Last <= high || run.Last - high <= futureBound);

    /// <summary>Forgets the runs to which nothing was added since <paramref name="time"/>.</summary>
    public void ForgetUntil(TimeSpan time) => _runs.RemoveAll(run => run.At <= time);

    private void DropLowest(int most)
    {
        while (_runs.Count > most)
        {
            int lowest = 0;
            for (int i = 1; i < _runs.Count; i++)
            {
                lowest = _runs[i].Last < _runs[lowest].Last ? i : lowest;
            }

            _runs.RemoveAt(lowest);
        }
    }
}
