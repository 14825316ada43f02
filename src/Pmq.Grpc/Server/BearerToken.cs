using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Pmq.Grpc.Server;

/// <summary>Lets in calls that carry a shared token: <c>authorization: Bearer TOKEN</c>.</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>
    /// What to give as <see cref="GrpcServerOptions.Authorize"/>. The comparison takes the same time whatever was sent.
    /// </summary>
    public static Func<HttpContext, Status> Require(string token)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(token);
        var expected = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        return http =>
        {
            var header = http.Request.Headers.Authorization.ToString();
            if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            {
                return new Status(StatusCode.Unauthenticated, "This server wants 'authorization: Bearer TOKEN'.");
            }

            var given = SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..]));
            return CryptographicOperations.FixedTimeEquals(expected, given)
                ? Status.DefaultSuccess
                : new Status(StatusCode.Unauthenticated, "The bearer token is not the one of this server.");
        };
    }
}
