using System.CommandLine;
using Pmq.Benchmarks.AgentPath;
using Pmq.Benchmarks.Compare;
using Pmq.Benchmarks.Micro;
using Pmq.Benchmarks.Node;
using Pmq.Benchmarks.Peer;
using Pmq.Benchmarks.Router;

var root = new RootCommand("Measures PMQ, alone and beside js-libp2p.")
{
    CompareCommand.Create(),
    AgentCommand.Create(),
    RouterCommand.Create(),
    MicroCommand.Create(),
    PeerCommand.Create(),
    NodeCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
