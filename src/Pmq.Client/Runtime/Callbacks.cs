using Microsoft.Extensions.Logging;

namespace Pmq.Client.Runtime;

/// <summary>Calls what the application gave; an exception of it is logged and ends nothing.</summary>
internal static class Callbacks
{
    public static void Invoke(ILogger logger, string name, Action? callback)
    {
        try
        {
            callback?.Invoke();
        }
        catch (Exception fault)
        {
            Log.CallbackFailed(logger, fault, name);
        }
    }

    public static void Invoke<T>(ILogger logger, string name, Action<T>? callback, T argument)
    {
        try
        {
            callback?.Invoke(argument);
        }
        catch (Exception fault)
        {
            Log.CallbackFailed(logger, fault, name);
        }
    }

    public static void Invoke(
        ILogger logger, string name, Action<AgentMessage, Exception>? callback, AgentMessage message, Exception fault)
    {
        try
        {
            callback?.Invoke(message, fault);
        }
        catch (Exception second)
        {
            Log.CallbackFailed(logger, second, name);
        }
    }
}
