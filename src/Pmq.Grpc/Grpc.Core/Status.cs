namespace Grpc.Core;

/// <summary>A status code and one line about it.</summary>
internal readonly struct Status(StatusCode statusCode, string detail)
{
    // Null in default(Status).
    private readonly string? _detail = detail;

    /// <summary>OK, with nothing to say.</summary>
    public static readonly Status DefaultSuccess = new(StatusCode.OK, "");

    /// <summary>Cancelled, with nothing to say.</summary>
    public static readonly Status DefaultCancelled = new(StatusCode.Cancelled, "");

    /// <summary>The code.</summary>
    public StatusCode StatusCode { get; } = statusCode;

    /// <summary>What travels percent-encoded in <c>grpc-message</c>; empty when there is nothing to say.</summary>
    public string Detail => _detail ?? "";

    /// <inheritdoc/>
    public override string ToString() => $"{StatusCode}: {Detail}";
}
