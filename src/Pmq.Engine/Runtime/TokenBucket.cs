namespace Pmq.Engine.Runtime;

/// <summary>So many a second, with a burst of one second. One owner; the caller tells the time.</summary>
internal struct TokenBucket
{
    private readonly double _perSecond;
    private double _tokens;
    private TimeSpan _filledAt;

    public TokenBucket(long perSecond, TimeSpan now)
    {
        _perSecond = perSecond;
        _tokens = perSecond;
        _filledAt = now;
    }

    /// <summary>Takes one token if there is one.</summary>
    public bool TryTake(TimeSpan now)
    {
        if (now > _filledAt)
        {
            _tokens = Math.Min(_perSecond, _tokens + ((now - _filledAt).TotalSeconds * _perSecond));
            _filledAt = now;
        }

        if (_tokens < 1)
        {
            return false;
        }

        _tokens--;
        return true;
    }
}
