using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pmq.Client;
using Pmq.Verifiers;
using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Reports;
using Pmq.Verifiers.Window;

/// <summary>
/// A node of a network, beside its agent: the rules by which the agent lets messages pass, our use of the other
/// networks' reports, and our part in making those of our own.
/// </summary>
internal static class Node
{
    public static async Task RunAsync(string[] args)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        NodeOptions options = builder.Configuration.Get<NodeOptions>()!;

        // The networks that we know, read again whenever the file changes. We are a member of one of them.
        await using NetworksFile networks = NetworksFile.Open(new NetworksFileOptions
        {
            Path = options.Networks,
            OnRefused = mistake => Console.Error.WriteLine(mistake.Message),
        });
        Network network = networks.Current.Networks.SingleOrDefault(network => network.Id == options.Network)
            ?? throw new ArgumentException($"{options.Networks} has no network {options.Network}");
        byte[] secret = Convert.FromHexString((await File.ReadAllTextAsync(options.Key)).Trim());
        using ReportSigner key = ReportSigner.FromSecret(network.Epochs[^1].Signers.Scheme, secret);
        var member = new Member(network, key);
        string[] reports = [.. networks.Current.Overlays.Except(network.Overlays)];

        // What has been accepted is remembered, so that nothing is accepted again after a restart.
        await using FileMarkStore marks = FileMarkStore.Open(new FileMarkStoreOptions { Directory = options.State });
        await using var quorum = new QuorumVerifier(new QuorumVerifierOptions
        {
            Networks = networks,
            Marks = marks,
            OnEquivocation = proof => Console.Error.WriteLine($"{proof.NetworkId} signed two reports #{proof.Sequence}"),
            OnMarksFailed = fault => Console.Error.WriteLine(fault.Message),
        });

        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(member);
        builder.Services.AddSingleton<IKeyringSource>(networks);
        builder.Services.AddSingleton(quorum);
        builder.Services.AddSingleton<Consensus>();
        PmqClientBuilder client = builder.Services.AddPmqClient(agent => agent.Address = options.Agent)
            .AddVerifier<SignatureVerifier>(member.SignatureOverlay)
            .AddProcessor<Rounds>(member.SignatureOverlay);

        // Where we know no other network: no topics would mean all topics, those of our signatures too.
        if (reports.Length > 0)
        {
            client.AddVerifier<QuorumVerifier>(reports).AddProcessor<ReportProcessor>(reports);
        }

        builder.Services.AddHostedService(services => services.GetRequiredService<Rounds>());
        await builder.Build().RunAsync();
    }
}
