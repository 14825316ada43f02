using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Pmq.Agent.Configuration;
using Pmq.Agent.Hosting;
using Pmq.Agent.Metrics;
using Pmq.Agent.Tests.Configuration;

namespace Pmq.Agent.Tests;

public sealed class HttpEndpointTests : IAsyncLifetime
{
    private readonly AgentMeterFactory _factory = new();
    private readonly HttpClient _http = new();
    private PrometheusMetrics _metrics = null!;
    private HttpEndpoint _endpoint = null!;
    private bool _isReady;

    public async ValueTask InitializeAsync()
    {
        _metrics = new PrometheusMetrics(_factory);
        AgentOptions options = AgentOptions.From(Configurations.Load(null, null, ("--http", ["127.0.0.1:0"])));
        _endpoint = (await HttpEndpoint.StartAsync(
            options, () => _isReady, _metrics, NullLoggerFactory.Instance, CancellationToken.None))!;
        _http.BaseAddress = new Uri("http://" + _endpoint.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await _endpoint.DisposeAsync();
        _metrics.Dispose();
        _factory.Dispose();
        _http.Dispose();
    }

    [Fact]
    public async Task Readyz_follows_readiness_and_healthz_does_not()
    {
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready\n"), await GetAsync("/readyz"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync("/healthz"));
        _isReady = true;
        Assert.Equal((HttpStatusCode.OK, "ready\n"), await GetAsync("/readyz"));
        _isReady = false;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready\n"), await GetAsync("/readyz"));
    }

    [Fact]
    public async Task Anything_else_is_answered_plainly()
    {
        Assert.Equal(
            (HttpStatusCode.NotFound, "there is /healthz, /readyz and /metrics\n"), await GetAsync("/metrics/"));
        using var body = new ByteArrayContent([]);
        HttpResponseMessage posted = await _http.PostAsync(new Uri("/healthz", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
        using var head = new HttpRequestMessage(HttpMethod.Head, "/healthz");
        HttpResponseMessage answered = await _http.SendAsync(head);
        Assert.Equal(3, answered.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Metrics_are_those_of_the_agent()
    {
        _factory.Create(new MeterOptions("Pmq.Test")).CreateCounter<long>("pmq.test.thing").Add(4);

        (HttpStatusCode status, string text) = await GetAsync("/metrics");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("pmq_test_thing_total 4\n", text, StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, string Text)> GetAsync(string path)
    {
        HttpResponseMessage response = await _http.GetAsync(new Uri(path, UriKind.Relative));
        return (response.StatusCode, Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync()));
    }
}
