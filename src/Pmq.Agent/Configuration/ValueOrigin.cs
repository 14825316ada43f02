using System.Globalization;

namespace Pmq.Agent.Configuration;

/// <summary>Where a value comes from; a later one wins.</summary>
internal enum OriginKind
{
    /// <summary>Nobody set it.</summary>
    Default,

    /// <summary>The configuration file.</summary>
    File,

    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>The command line.</summary>
    Flag,
}

/// <summary>Where a value comes from: <paramref name="Name"/> is the path, the variable or the flag.</summary>
internal sealed record ValueOrigin(OriginKind Kind, string Name, int Line = 0)
{
    /// <summary>Nobody set it.</summary>
    public static ValueOrigin Default { get; } = new(OriginKind.Default, "default");

    /// <summary>As error lines and <c>pmq config show</c> print it.</summary>
    public override string ToString() => Kind switch
    {
        OriginKind.File => string.Create(CultureInfo.InvariantCulture, $"{Name}:{Line}"),
        OriginKind.Environment => "environment " + Name,
        OriginKind.Flag => "flag " + Name,
        _ => Name,
    };
}
