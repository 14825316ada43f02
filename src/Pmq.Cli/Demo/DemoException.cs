namespace Pmq.Cli.Demo;

/// <summary>The demo cannot go on. The message is one line.</summary>
internal sealed class DemoException(string message) : Exception(message);
