using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Pmq.Protocol;

namespace Pmq.Client.Tests;

public sealed class HostingTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromSeconds(60));
    private FakeAgent _agent = null!;

    private CancellationToken Limit => _timeout.Token;

    private FakeServices Services => _agent.Services;

    public async ValueTask InitializeAsync() => _agent = await FakeAgent.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        _timeout.Dispose();
    }

    [Fact]
    public async Task A_host_verifies_processes_and_publishes()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddPmqClient(options => options.Address = _agent.Address)
            .AddVerifier<AcceptAll>("a")
            .AddProcessor<Inbox>("a", "b");
        using IHost host = builder.Build();
        await host.StartAsync(Limit);

        Assert.Equal("a", (await Services.Verifiers.Reader.ReadAsync(Limit)).GetValue("pmq-topics"));
        Assert.Equal("a", await Services.Subscribed.Reader.ReadAsync(Limit));
        Assert.Equal("b", await Services.Subscribed.Reader.ReadAsync(Limit));
        Services.ToVerifier.Writer.TryWrite(Message("1"));
        Services.ToListener.Writer.TryWrite(Message("1"));
        Publication publication = await host.Services.GetRequiredService<Producer>().PublishAsync(
            "t", "x"u8.ToArray(), Limit);

        Assert.Equal("tx", publication.MessageId);
        Assert.Equal(ValidationResult.Accept, (await Services.Verdicts.Reader.ReadAsync(Limit)).Result);
        Assert.Equal("1", await host.Services.GetRequiredService<Inbox>().Ids.Reader.ReadAsync(Limit));
        await host.StopAsync(Limit);
    }

    [Fact]
    public async Task Two_verifiers_of_one_class_have_their_own_options()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddPmqClient(options => options.Address = _agent.Address)
            .AddVerifier<AcceptAll>("a")
            .AddVerifier<AcceptAll>("b");
        using IHost host = builder.Build();
        await host.StartAsync(Limit);

        string?[] topics =
        [
            (await Services.Verifiers.Reader.ReadAsync(Limit)).GetValue("pmq-topics"),
            (await Services.Verifiers.Reader.ReadAsync(Limit)).GetValue("pmq-topics"),
        ];

        Assert.Equal(["a", "b"], topics.Order());
        await host.StopAsync(Limit);
    }

    [Fact]
    public async Task Clients_of_two_agents_stand_side_by_side_by_name()
    {
        await using FakeAgent other = await FakeAgent.StartAsync();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddPmqClient("one", options => options.Address = _agent.Address)
            .ConfigureProducer(options => options.MaxInFlight = 1)
            .AddVerifier<AcceptAll>("a");
        builder.Services.AddPmqClient("two", options => options.Address = other.Address).AddVerifier<AcceptAll>("b");
        using IHost host = builder.Build();
        await host.StartAsync(Limit);

        Assert.Equal("a", (await _agent.Services.Verifiers.Reader.ReadAsync(Limit)).GetValue("pmq-topics"));
        Assert.Equal("b", (await other.Services.Verifiers.Reader.ReadAsync(Limit)).GetValue("pmq-topics"));
        foreach ((string name, FakeAgent agent) in new[] { ("one", _agent), ("two", other) })
        {
            await host.Services.GetRequiredKeyedService<Producer>(name).PublishAsync("t", "x"u8.ToArray(), Limit);
            Assert.Equal("t", (await agent.Services.Published.Reader.ReadAsync(Limit)).Topic);
        }

        Assert.Null(host.Services.GetService<PmqClient>());
        await host.StopAsync(Limit);
    }

    [Fact]
    public async Task An_applications_own_check_of_the_options_stands_beside_ours()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddOptions<PmqClientOptions>().Validate(options => options.Token is null, "no token, please");
        builder.Services.AddPmqClient(options => options.Timeout = TimeSpan.Zero);
        using IHost host = builder.Build();

        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Limit));

        Assert.Contains("PmqClientOptions.Timeout", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_come_from_configuration()
    {
        IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Pmq:Address"] = _agent.Address,
            ["Pmq:Timeout"] = "00:00:03",
            ["Verifier:Topics:0"] = "a",
            ["Verifier:Topics:1"] = "b",
            ["Verifier:MaxConcurrency"] = "7",
        }).Build();
        var client = new PmqClientOptions();
        configuration.GetSection("Pmq").Bind(client);
        var verifier = new VerifierOptions();
        configuration.GetSection("Verifier").Bind(verifier);

        Assert.Equal((_agent.Address, TimeSpan.FromSeconds(3)), (client.Address, client.Timeout));
        Assert.Equal(["a", "b"], verifier.Topics);
        Assert.Equal(7, verifier.MaxConcurrency);
    }

    [Fact]
    public async Task An_option_out_of_range_stops_the_host_at_its_start()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddPmqClient(options => options.Address = _agent.Address)
            .AddVerifier<AcceptAll>(options => options.MaxConcurrency = 0);
        using IHost host = builder.Build();

        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Limit));

        Assert.Equal("VerifierOptions.MaxConcurrency = 0: must be 1 to 65536", thrown.Message);
    }

    [Fact]
    public async Task An_address_that_is_none_stops_the_host_at_its_start_though_nothing_is_published_yet()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddPmqClient(options => options.Address = "nonsense");
        using IHost host = builder.Build();

        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Limit));

        Assert.Equal("PmqClientOptions.Address = nonsense: must be HOST:PORT or unix:PATH", thrown.Message);
    }

    private static Message Message(string id) =>
        new() { Topic = "a", MessageId = id, Data = ByteString.CopyFromUtf8("x") };

    private sealed class AcceptAll : IMessageVerifier
    {
        public ValueTask<AgentVerdict> VerifyAsync(AgentMessage message, CancellationToken cancellationToken) =>
            ValueTask.FromResult(AgentVerdict.Accept);
    }

    private sealed class Inbox : IMessageProcessor
    {
        public Channel<string> Ids { get; } = Channel.CreateUnbounded<string>();

        public ValueTask ProcessAsync(AgentMessage message, CancellationToken cancellationToken) =>
            Ids.Writer.WriteAsync(message.MessageId, cancellationToken);
    }
}
