using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pmq.Client.Hosting;

namespace Pmq.Client;

/// <summary>Adds the SDK to an application's services.</summary>
public static class PmqClientServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="PmqClient"/> and a <see cref="Producer"/>, one of each, both disposed of by the container.
    /// Verifiers and processors follow on what is returned, and run with the host.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">
    /// Sets the options, for example <c>options => configuration.GetSection("Pmq").Bind(options)</c>. The host's logger
    /// factory is used unless another is set. Options out of range stop the host at its start.
    /// </param>
    public static PmqClientBuilder AddPmqClient(
        this IServiceCollection services, Action<PmqClientOptions>? configure = null) =>
        Add(services, null, configure);

    /// <summary>
    /// The same for one agent of several: client and producer are keyed services by <paramref name="name"/>
    /// (<c>[FromKeyedServices("name")]</c>), and what follows on what is returned runs over that client.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">What this application calls the agent; not empty.</param>
    /// <param name="configure">Sets the options.</param>
    public static PmqClientBuilder AddPmqClient(
        this IServiceCollection services, string name, Action<PmqClientOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, name, configure);
    }

    /// <summary>Adds client and producer under a name; null is the one without.</summary>
    private static PmqClientBuilder Add(
        IServiceCollection services, string? name, Action<PmqClientOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddLogging();
        services.AddOptions<PmqClientOptions>(name)
            .Configure<ILoggerFactory>((options, loggers) => options.LoggerFactory = loggers)
            .Configure(configure ?? (_ => { }))
            .ValidateOnStart();
        services.AddOptions<ProducerOptions>(name).ValidateOnStart();
        services.TryAddEnumerable(
        [
            Check<PmqClientOptions>(options => options.Check()),
            Check<ProducerOptions>(options => options.Check()),
            Check<VerifierOptions>(options => options.Check()),
            Check<ProcessorOptions>(options => options.Check()),
        ]);
        services.TryAddKeyedSingleton(name, (provider, _) => new PmqClient(
            provider.GetRequiredService<IOptionsMonitor<PmqClientOptions>>().Get(name)));
        services.TryAddKeyedSingleton(name, (provider, _) => new Producer(
            provider.GetRequiredKeyedService<PmqClient>(name),
            provider.GetRequiredService<IOptionsMonitor<ProducerOptions>>().Get(name)));
        return new PmqClientBuilder(services, name);
    }

    private static ServiceDescriptor Check<TOptions>(Action<TOptions> check)
        where TOptions : class => ServiceDescriptor.Singleton<IValidateOptions<TOptions>>(
            new OptionsCheck<TOptions>(check));
}
