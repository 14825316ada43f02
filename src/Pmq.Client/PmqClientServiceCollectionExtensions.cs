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
        this IServiceCollection services, Action<PmqClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddLogging();
        services.AddOptions<PmqClientOptions>()
            .Configure<ILoggerFactory>((options, loggers) => options.LoggerFactory = loggers)
            .Configure(configure ?? (_ => { }))
            .ValidateOnStart();
        services.AddOptions<ProducerOptions>().ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<PmqClientOptions>>(
            new OptionsCheck<PmqClientOptions>(options => options.Check()));
        services.TryAddSingleton<IValidateOptions<ProducerOptions>>(
            new OptionsCheck<ProducerOptions>(options => options.Check()));
        services.TryAddSingleton<IValidateOptions<VerifierOptions>>(
            new OptionsCheck<VerifierOptions>(options => options.Check()));
        services.TryAddSingleton<IValidateOptions<ProcessorOptions>>(
            new OptionsCheck<ProcessorOptions>(options => options.Check()));
        services.TryAddSingleton(provider => new PmqClient(
            provider.GetRequiredService<IOptions<PmqClientOptions>>().Value));
        services.TryAddSingleton(provider => new Producer(
            provider.GetRequiredService<PmqClient>(),
            provider.GetRequiredService<IOptions<ProducerOptions>>().Value));
        return new PmqClientBuilder(services);
    }
}
