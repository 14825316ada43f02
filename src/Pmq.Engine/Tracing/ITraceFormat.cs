using System.Buffers;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Engine.Tracing;

/// <summary>How an event is written to a file. One owner at a time.</summary>
internal interface ITraceFormat : IDisposable
{
    /// <summary>Appends one event.</summary>
    void Write(in TraceEvent traced, DateTimeOffset time, IBufferWriter<byte> destination);
}
