using Microsoft.Extensions.Hosting;

namespace Pmq.Client.Hosting;

/// <summary>Runs a verifier or a processor with the host; what it throws stops the host, unless that is set otherwise.</summary>
internal sealed class RunningService(Func<CancellationToken, Task> run) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => run(stoppingToken);
}
