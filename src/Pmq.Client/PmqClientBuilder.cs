using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Pmq.Client.Hosting;

namespace Pmq.Client;

/// <summary>Adds what runs over a <see cref="PmqClient"/> of the application.</summary>
public sealed class PmqClientBuilder
{
    private readonly string? _name;

    internal PmqClientBuilder(IServiceCollection services, string? name)
    {
        Services = services;
        _name = name;
    }

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Sets the options of the <see cref="Producer"/>.</summary>
    public PmqClientBuilder ConfigureProducer(Action<ProducerOptions> configure)
    {
        Services.Configure(_name, configure);
        return this;
    }

    /// <summary>Runs a verifier with the host, over the rules <typeparamref name="TRules"/>.</summary>
    /// <param name="topics">The topics, at least one.</param>
    /// <typeparam name="TRules">One of the application's services; a singleton if it is not one yet.</typeparam>
    public PmqClientBuilder AddVerifier<TRules>(params string[] topics)
        where TRules : class, IMessageVerifier => AddVerifier<TRules>(options => options.Topics = topics);

    /// <inheritdoc cref="AddVerifier{TRules}(string[])"/>
    /// <param name="configure">Sets the options; those out of range stop the host at its start.</param>
    public PmqClientBuilder AddVerifier<TRules>(Action<VerifierOptions> configure)
        where TRules : class, IMessageVerifier
    {
        string name = AddNamed<TRules, VerifierOptions>(configure);
        Services.AddSingleton<IHostedService>(provider => new RunningService(
            new Verifier(
                provider.GetRequiredKeyedService<PmqClient>(_name),
                provider.GetRequiredService<IOptionsMonitor<VerifierOptions>>().Get(name),
                provider.GetRequiredService<TRules>()).RunAsync));
        return this;
    }

    /// <summary>Runs a processor with the host, over the consumer <typeparamref name="TConsumer"/>.</summary>
    /// <param name="topics">The topics, at least one; the agent is subscribed to them.</param>
    /// <typeparam name="TConsumer">One of the application's services; a singleton if it is not one yet.</typeparam>
    public PmqClientBuilder AddProcessor<TConsumer>(params string[] topics)
        where TConsumer : class, IMessageProcessor => AddProcessor<TConsumer>(options => options.Topics = topics);

    /// <inheritdoc cref="AddProcessor{TConsumer}(string[])"/>
    /// <param name="configure">Sets the options; those out of range stop the host at its start.</param>
    public PmqClientBuilder AddProcessor<TConsumer>(Action<ProcessorOptions> configure)
        where TConsumer : class, IMessageProcessor
    {
        string name = AddNamed<TConsumer, ProcessorOptions>(configure);
        Services.AddSingleton<IHostedService>(provider => new RunningService(
            new Processor(
                provider.GetRequiredKeyedService<PmqClient>(_name),
                provider.GetRequiredService<IOptionsMonitor<ProcessorOptions>>().Get(name),
                provider.GetRequiredService<TConsumer>()).RunAsync));
        return this;
    }

    /// <summary>Adds the options under a name of their own, since there may be several; the name.</summary>
    private string AddNamed<TService, TOptions>(Action<TOptions> configure)
        where TService : class
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.TryAddSingleton<TService>();
        string name = $"{typeof(TService)}, service {Services.Count}";
        Services.AddOptions<TOptions>(name).Configure(configure).ValidateOnStart();
        return name;
    }
}
