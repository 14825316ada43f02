using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pmq.Core.Hosting;
using Pmq.Gossipsub;

namespace Pmq.Engine.Tests;

/// <summary>What the application's logger or meter listener throws is no fault of the router's.</summary>
public sealed class ForeignFaultTests
{
    private const string Topic = "t";

    [Fact]
    public async Task A_logger_and_a_meter_listener_that_throw_do_not_break_the_router()
    {
        using var factory = new ThrowingFactory();
        await using PmqPeer peer = await PeerHarness.StartAsync(new PmqPeerOptions
        {
            Topics = [Topic],
            Validation = ValidationMode.None,
            MeterFactory = factory,
            LoggerFactory = factory,
        });
        await using MessageListener full = peer.Listen(new ListenOptions { QueueSize = 1 });
        await using MessageListener listener = peer.Listen(new ListenOptions());
        (RawPeer raw, IConnection connection) = await RawPeer.ConnectAsync(peer.ListenAddresses[0]);
        await using RawPeer _ = raw;
        await using IStream stream = await connection.OpenStreamAsync(PubsubProtocols.Ids, PeerHarness.Deadline);
        await stream.WriteAsync(RawPeer.Subscription(Topic), PeerHarness.Deadline);
        await peer.MeshAsync(Topic, 1);
        for (byte i = 1; i <= 3; i++)
        {
            await stream.WriteAsync(RawPeer.Message(Topic, [i]), PeerHarness.Deadline);
        }

        Assert.Equal(3, (await listener.TakeAsync(3)).Count);
        Assert.Null(peer.Failure);
        Assert.True(factory.Thrown > 1);
    }

    /// <summary>Throws at every line of the engine's log and at every measurement of its instruments.</summary>
    private sealed class ThrowingFactory : IMeterFactory, ILoggerFactory, ILogger
    {
        private const string Engine = "Pmq.Engine";

        private readonly MeterListener _listener = new();
        private readonly List<Meter> _meters = [];
        private int _thrown;

        public ThrowingFactory()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == this && instrument.Meter.Name == Engine && !instrument.IsObservable)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, _, _, _) => Throw());
            _listener.SetMeasurementEventCallback<double>((_, _, _, _) => Throw());
            _listener.Start();
        }

        public int Thrown => Volatile.Read(ref _thrown);

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options.Name, options.Version, options.Tags, scope: this);
            _meters.Add(meter);
            return meter;
        }

        public ILogger CreateLogger(string categoryName) => categoryName == Engine ? this : NullLogger.Instance;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Throw();

        public void Dispose()
        {
            _listener.Dispose();
            _meters.ForEach(meter => meter.Dispose());
        }

        private void Throw()
        {
            Interlocked.Increment(ref _thrown);
            throw new InvalidOperationException("A fault of the application's.");
        }
    }
}
