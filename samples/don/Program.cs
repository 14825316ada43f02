// `don` starts two networks on this machine; `don node …` is one node of a network, beside its agent.
if (args is ["node", .. string[] flags])
{
    await Node.RunAsync(flags);
    return 0;
}

return await Launcher.RunAsync(args);
