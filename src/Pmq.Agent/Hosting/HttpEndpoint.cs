using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pmq.Agent.Configuration;
using Pmq.Agent.Metrics;

namespace Pmq.Agent.Hosting;

/// <summary>The HTTP server of an agent: <c>/healthz</c>, <c>/readyz</c>, <c>/metrics</c>.</summary>
internal sealed class HttpEndpoint : IAsyncDisposable
{
    private readonly WebApplication _server;

    private HttpEndpoint(WebApplication server, string address)
    {
        _server = server;
        Address = address;
    }

    /// <summary>Where it listens: HOST:PORT with the port that was picked.</summary>
    public string Address { get; }

    /// <summary>Starts to serve; null when the setting says off.</summary>
    /// <exception cref="ConfigurationException">The address cannot be listened on.</exception>
    public static async Task<HttpEndpoint?> StartAsync(
        AgentOptions options,
        Func<bool> isReady,
        PrometheusMetrics metrics,
        ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        if (((BindAddress)options.Http.Value!).EndPoint is not { } endPoint)
        {
            return null;
        }

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        ListenOptions? listener = null;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 64;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(endPoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listener = listen;
            });
        });
        WebApplication server = builder.Build();
        server.Run(context => AnswerAsync(context, isReady, metrics));
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (Exception e) when (BindFault.Describe(e) is { } fault)
        {
            await server.DisposeAsync();
            throw new ConfigurationException($"{options.Http.Label}: cannot be listened on: {fault}");
        }

        return new HttpEndpoint(server, listener!.IPEndPoint!.ToString());
    }

    /// <summary>Stops to serve.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static Task AnswerAsync(HttpContext context, Func<bool> isReady, PrometheusMetrics metrics)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            return WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "text/plain", "only GET\n");
        }

        return context.Request.Path.Value switch
        {
            "/healthz" => WriteAsync(context, StatusCodes.Status200OK, "text/plain", "ok\n"),
            "/readyz" when isReady() => WriteAsync(context, StatusCodes.Status200OK, "text/plain", "ready\n"),
            "/readyz" => WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "text/plain", "not ready\n"),
            "/metrics" => WriteAsync(context, StatusCodes.Status200OK, PrometheusMetrics.ContentType, metrics.Write()),
            _ => WriteAsync(
                context, StatusCodes.Status404NotFound, "text/plain", "there is /healthz, /readyz and /metrics\n"),
        };
    }

    private static Task WriteAsync(HttpContext context, int status, string contentType, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
