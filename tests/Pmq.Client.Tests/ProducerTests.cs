using System.Text;
using Grpc.Core;
using Pmq.Protocol.V1;

namespace Pmq.Client.Tests;

public sealed class ProducerTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromSeconds(60));
    private FakeAgent _agent = null!;
    private PmqClient _client = null!;

    private CancellationToken Limit => _timeout.Token;

    private FakeServices Services => _agent.Services;

    public async ValueTask InitializeAsync()
    {
        _agent = await FakeAgent.StartAsync();
        _client = new PmqClient(_agent.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _agent.DisposeAsync();
        _timeout.Dispose();
    }

    [Fact]
    public async Task Each_publication_gets_its_own_receipt()
    {
        await using var producer = new Producer(_client);

        Publication[] outcomes = await PublishAsync(producer, 0, 500);

        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"t{i}"), outcomes.Select(o => o.MessageId));
    }

    [Fact]
    public async Task A_receipt_is_read_whole()
    {
        Services.Publish = item => new PublishReceipt
        {
            ClientRef = item.ClientRef,
            MessageId = "id",
            Sent = 1,
            Queued = 2,
            Dropped = 3,
            Duplicate = true,
        };
        await using var producer = new Producer(_client);

        Assert.Equal(new Publication("id", 1, 2, 3, true), await producer.PublishAsync("t", Data(0), Limit));
    }

    [Theory]
    [InlineData(PublishError.EmptyData, PmqClientFault.BadArgument)]
    [InlineData(PublishError.TooLarge, PmqClientFault.BadArgument)]
    [InlineData(PublishError.BadTopic, PmqClientFault.BadArgument)]
    [InlineData(PublishError.RateLimited, PmqClientFault.Busy)]
    [InlineData(PublishError.TooManyTopics, PmqClientFault.Busy)]
    [InlineData(PublishError.NotAccepted, PmqClientFault.NotAccepted)]
    [InlineData(PublishError.Internal, PmqClientFault.Failed)]
    internal async Task A_refused_item_fails_its_own_call_only(PublishError error, PmqClientFault fault)
    {
        Services.Publish = item => item.Topic == "bad"
            ? new PublishReceipt { ClientRef = item.ClientRef, Error = error, ErrorText = "why" }
            : FakeServices.Receipt(item);
        await using var producer = new Producer(_client);

        ValueTask<Publication> refused = producer.PublishAsync("bad", Data(1), Limit);
        ValueTask<Publication> taken = producer.PublishAsync("t", Data(2), Limit);

        var thrown = await Assert.ThrowsAsync<PmqClientException>(async () => await refused);
        Assert.Equal(fault, thrown.Reason);
        Assert.Contains("why", thrown.Message, StringComparison.Ordinal);
        Assert.Equal("t2", (await taken).MessageId);
    }

    [Fact]
    public async Task What_had_no_receipt_is_published_again_in_order_when_the_agent_restarts()
    {
        var isSilent = true;
        Services.Publish = item => isSilent && item.Data.ToStringUtf8() != "0" ? null : FakeServices.Receipt(item);
        await using var producer = new Producer(_client, new ProducerOptions { MaxInFlight = 20 });
        Task<Publication[]> publishing = PublishAsync(producer, 0, 40);
        for (int i = 0; i < 21; i++)
        {
            await Services.Published.Reader.ReadAsync(Limit);
        }

        isSilent = false;
        await RestartAsync();
        Publication[] outcomes = await publishing;

        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"t{i}"), outcomes.Select(o => o.MessageId));
        for (int i = 1; i < 40; i++)
        {
            Assert.Equal($"{i}", (await Services.Published.Reader.ReadAsync(Limit)).Data.ToStringUtf8());
        }
    }

    [Fact]
    public async Task A_message_that_no_stream_survives_fails_alone()
    {
        // The agent reads at most 4 MiB, and ends the stream over what is longer.
        await using var producer = new Producer(_client);

        ValueTask<Publication>[] good = [.. Enumerable.Range(0, 20).Select(i => producer.PublishAsync("t", Data(i), Limit))];
        ValueTask<Publication> tooLong = producer.PublishAsync("t", new byte[5 * 1024 * 1024], Limit);
        ValueTask<Publication>[] after = [.. Enumerable.Range(20, 20).Select(i => producer.PublishAsync("t", Data(i), Limit))];

        var thrown = await Assert.ThrowsAsync<PmqClientException>(async () => await tooLong);
        Assert.Contains("exceeds the limit of 4194304", thrown.Message, StringComparison.Ordinal);
        foreach ((ValueTask<Publication> publishing, int i) in good.Concat(after).Select((task, i) => (task, i)))
        {
            Assert.Equal($"t{i}", (await publishing).MessageId);
        }
    }

    [Fact]
    public async Task A_topic_that_cannot_be_encoded_fails_alone_or_is_replaced()
    {
        await using var producer = new Producer(_client);

        Exception? fault = await Record.ExceptionAsync(
            async () => await producer.PublishAsync("\ud800", Data(1), Limit));

        Assert.True(fault is null or PmqClientException { Reason: PmqClientFault.BadArgument }, $"{fault}");
        Assert.Equal("t2", (await producer.PublishAsync("t", Data(2), Limit)).MessageId);
    }

    [Fact]
    public async Task An_agent_without_the_stream_gets_a_call_for_each()
    {
        await _agent.DisposeAsync();
        _agent = await FakeAgent.StartAsync(_agent.Address, new FakeServices { HasPublisher = false });
        await using var producer = new Producer(_client);

        Publication[] outcomes = await PublishAsync(producer, 0, 50);

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"t{i}"), outcomes.Select(o => o.MessageId));
        Assert.All(outcomes, outcome => Assert.Equal(3, outcome.Sent));
    }

    [Fact]
    public async Task A_call_for_each_refuses_one_alone_and_waits_for_an_agent_that_restarts()
    {
        var services = new FakeServices { HasPublisher = false, Failure = new Status(StatusCode.InvalidArgument, "why") };
        await _agent.DisposeAsync();
        _agent = await FakeAgent.StartAsync(_agent.Address, services);
        await using var producer = new Producer(_client);

        await Assert.ThrowsAsync<PmqClientException>(async () => await producer.PublishAsync("t", Data(1), Limit));
        string address = _agent.Address;
        await _agent.DisposeAsync();
        ValueTask<Publication> publishing = producer.PublishAsync("t", Data(2), Limit);
        services.Failure = Status.DefaultSuccess;
        services.HasPublisher = true;
        _agent = await FakeAgent.StartAsync(address, services);

        Assert.Equal("t2", (await publishing).MessageId);
    }

    [Fact]
    public async Task An_agent_that_is_away_for_too_long_is_named()
    {
        string address = _agent.Address;
        await _agent.DisposeAsync();
        await using var producer = new Producer(
            _client, new ProducerOptions { Timeout = TimeSpan.FromSeconds(2) });

        var thrown = await Assert.ThrowsAsync<PmqClientException>(
            async () => await producer.PublishAsync("t", Data(1), Limit));

        Assert.Equal(PmqClientFault.Timeout, thrown.Reason);
        Assert.StartsWith(
            $"the agent at {address} did not answer within 2 s: the agent at {address} cannot be reached",
            thrown.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_gives_no_receipt_gets_another_stream_after_the_timeout()
    {
        Services.Publish = item => item.Data.ToStringUtf8() == "1" ? null : FakeServices.Receipt(item);
        await using var producer = new Producer(
            _client, new ProducerOptions { Timeout = TimeSpan.FromSeconds(3), MaxInFlight = 1 });

        await Assert.ThrowsAsync<PmqClientException>(async () => await producer.PublishAsync("t", Data(1), Limit));

        Assert.Equal("t2", (await producer.PublishAsync("t", Data(2), Limit)).MessageId);
    }

    [Fact]
    public async Task A_receipt_that_never_comes_for_a_call_that_was_given_up_does_not_block_those_behind_it()
    {
        Services.Publish = item => item.Data.ToStringUtf8() == "1" ? null : FakeServices.Receipt(item);
        await using var producer = new Producer(
            _client, new ProducerOptions { Timeout = TimeSpan.FromSeconds(2), MaxInFlight = 1 });
        using var cancelled = new CancellationTokenSource();
        ValueTask<Publication> givenUp = producer.PublishAsync("t", Data(1), cancelled.Token);
        await Services.Published.Reader.ReadAsync(Limit);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await givenUp);

        Publication? sent = null;
        while (sent is null)
        {
            try
            {
                sent = await producer.PublishAsync("t", Data(2), Limit);
            }
            catch (PmqClientException e) when (e.Reason == PmqClientFault.Timeout)
            {
            }
        }

        Assert.Equal("t2", sent.MessageId);
    }

    [Fact]
    public async Task An_agent_that_does_not_allow_it_fails_all_at_once()
    {
        Services.Failure = new Status(StatusCode.Unauthenticated, "no token");
        await using var producer = new Producer(_client);

        Task<Publication>[] publishing =
            [.. Enumerable.Range(0, 10).Select(i => producer.PublishAsync("t", Data(i), Limit).AsTask())];

        foreach (Task<Publication> task in publishing)
        {
            var thrown = await Assert.ThrowsAsync<PmqClientException>(() => task);
            Assert.Equal(PmqClientFault.Unauthorized, thrown.Reason);
        }

        Services.Failure = Status.DefaultSuccess;
        Assert.Equal("t1", (await producer.PublishAsync("t", Data(1), Limit)).MessageId);
    }

    [Fact]
    public async Task A_cancelled_call_ends_with_its_own_token_and_the_next_goes_on()
    {
        Services.Publish = item => item.Data.ToStringUtf8() == "1" ? null : FakeServices.Receipt(item);
        await using var producer = new Producer(_client);
        using var cancelled = new CancellationTokenSource();

        ValueTask<Publication> publishing = producer.PublishAsync("t", Data(1), cancelled.Token);
        await Services.Published.Reader.ReadAsync(Limit);
        await cancelled.CancelAsync();

        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await publishing);
        Assert.Equal(cancelled.Token, thrown.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await producer.PublishAsync("t", Data(1), cancelled.Token));
        Assert.Equal("t2", (await producer.PublishAsync("t", Data(2), Limit)).MessageId);
    }

    [Fact]
    public async Task Dispose_ends_every_waiting_call_and_refuses_later_ones()
    {
        Services.Publish = _ => null;
        var producer = new Producer(_client, new ProducerOptions { MaxInFlight = 2 });
        Task<Publication>[] publishing =
            [.. Enumerable.Range(0, 10).Select(i => producer.PublishAsync("t", Data(i), Limit).AsTask())];
        await Services.Published.Reader.ReadAsync(Limit);

        await producer.DisposeAsync();
        await producer.DisposeAsync();

        foreach (Task<Publication> task in publishing.Append(producer.PublishAsync("t", Data(1), Limit).AsTask()))
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => task);
        }
    }

    [Fact]
    public async Task The_end_of_the_client_ends_every_waiting_call()
    {
        Services.Publish = _ => null;
        await using var producer = new Producer(_client);
        ValueTask<Publication> publishing = producer.PublishAsync("t", Data(1), Limit);
        await Services.Published.Reader.ReadAsync(Limit);

        _client.Dispose();

        var thrown = await Assert.ThrowsAsync<ObjectDisposedException>(async () => await publishing);
        Assert.Equal(nameof(PmqClient), thrown.ObjectName);
    }

    [Theory]
    [InlineData(0, 1, "MaxInFlight = 0: must be 1 to 1048576")]
    [InlineData(1, 0, "Timeout = 00:00:00: must be more than zero and at most one day")]
    public void An_option_out_of_range_is_named(int maxInFlight, int seconds, string message) => Assert.Equal(
        message,
        Assert.Throws<PmqClientException>(() => new Producer(_client, new ProducerOptions
        {
            MaxInFlight = maxInFlight,
            Timeout = TimeSpan.FromSeconds(seconds),
        })).Message);

    private static byte[] Data(int i) => Encoding.UTF8.GetBytes($"{i}");

    private Task<Publication[]> PublishAsync(Producer producer, int start, int count) => Task.WhenAll(
        Enumerable.Range(start, count).Select(i => producer.PublishAsync("t", Data(i), Limit).AsTask()));

    private async Task RestartAsync()
    {
        string address = _agent.Address;
        FakeServices services = Services;
        await _agent.DisposeAsync();
        _agent = await FakeAgent.StartAsync(address, services);
    }
}
