using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Pmq.Agent.Hosting;

/// <summary>Why an address cannot be listened on, in words for the operator.</summary>
internal static class BindFault
{
    /// <summary>The reason; null if <paramref name="fault"/> is about something else.</summary>
    /// <param name="fault">What binding threw.</param>
    /// <param name="socket">The path of the unix socket; null for a port.</param>
    public static string? Describe(Exception? fault, string? socket = null)
    {
        // The system's errors for a socket's path read as if they were about network addresses.
        if (socket is not null && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(socket))))
        {
            return "no such directory";
        }

        for (; fault is not null; fault = fault.InnerException)
        {
            switch (fault)
            {
                case AddressInUseException { InnerException: null } busy:
                    return busy.Message.TrimEnd('.');
                case SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }:
                    return "the port is taken; port 0 picks a free one";
                case SocketException { SocketErrorCode: SocketError.AddressNotAvailable }:
                    return "this machine has no such address";
                case SocketException { SocketErrorCode: SocketError.AccessDenied }:
                    return "permission denied";
                case SocketException other:
                    return other.Message;
                case UnauthorizedAccessException:
                    return "permission denied";
            }
        }

        return null;
    }
}
