using System.Text.RegularExpressions;
using System.Xml.Linq;
using Pmq.Testing;
using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests.Packages;

/// <summary>
/// The C# of the documentation, each block a project of its own outside the repository, built against packages that are
/// made of what was built here.
/// </summary>
public sealed partial class PackagedSamples : IAsyncLifetime
{
    /// <summary>What is published; the command is a tool by itself.</summary>
    private static readonly string[] Packages =
    [
        "Pmq.Core", "Pmq.Libp2p", "Pmq.Gossipsub", "Pmq.Engine", "Pmq.Grpc", "Pmq.Protocol", "Pmq.Client", "Pmq.Verifiers",
    ];

    /// <summary>Nothing that a test starts may outlive it.</summary>
    private static readonly Dictionary<string, string?> Environment = new()
    {
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        ["DOTNET_NOLOGO"] = "1",
        ["DOTNET_SKIP_FIRST_TIME_EXPERIENCE"] = "1",
    };

    private readonly TemporaryFolder _folder = new();

    /// <summary>Where the packages are.</summary>
    public string PackageFolder => Path.Combine(_folder.Path, "packages");

    private string OthersFolder => Path.Combine(_folder.Path, "others");

    public async ValueTask InitializeAsync()
    {
        WriteProjects();
        await RunAsync("msbuild", "pack.proj", "-nologo", "-v:minimal", "-m:2");
        await RunAsync("build", "samples.proj", "-nologo", "-v:minimal", "-m:2");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Starts the sample of that name in a folder of its own.
    /// </summary>
    /// <param name="name">The name of the block.</param>
    /// <param name="author">The agent at 127.0.0.1:8001 in the documentation.</param>
    /// <param name="node">That at 127.0.0.1:8002.</param>
    internal ChildProcess Start(string name, AgentProcess? author = null, AgentProcess? node = null) => ChildProcess.Start(
        "dotnet",
        [Path.Combine(Folder(name), "bin", $"{name}.dll")],
        Folder(name),
        new Dictionary<string, string?> { ["AGENT1"] = author?.Grpc, ["AGENT2"] = node?.Grpc });

    /// <summary>The folder that a sample runs in.</summary>
    public string Folder(string name) => Path.Combine(_folder.Path, name);

    /// <summary>All blocks of the documentation, by name.</summary>
    private static Dictionary<string, string> Blocks()
    {
        string text = File.ReadAllText(Repository.Path("README.md"))
            + File.ReadAllText(Repository.Path("docs", "verifiers.md"));
        MatchCollection fences = Fence().Matches(text);
        MatchCollection blocks = Block().Matches(text);

        // A block without a name would be code that nobody runs.
        Assert.Equal(fences.Count, blocks.Count);
        return blocks.ToDictionary(block => block.Groups[1].Value, block => block.Groups[2].Value);
    }

    /// <summary>The agents of the documentation are on fixed ports; those of the tests are told by the environment.</summary>
    private static string WithAgents(string code) => code
        .Replace("\"127.0.0.1:8001\"", "System.Environment.GetEnvironmentVariable(\"AGENT1\")!", StringComparison.Ordinal)
        .Replace("\"127.0.0.1:8002\"", "System.Environment.GetEnvironmentVariable(\"AGENT2\")!", StringComparison.Ordinal);

    private void WriteProjects()
    {
        LinkOthers();

        // Without this, properties of a folder above would reach the samples.
        _folder.Write("Directory.Build.props", "<Project />");
        _folder.Write("Directory.Packages.props", "<Project />");

        // bin/Pmq.EndToEnd.Tests/debug or release: the packages are made of the same build.
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        WriteTraversal(
            "pack.proj",
            "Pack",
            $"NoBuild=true;Configuration={configuration};PackageOutputPath={PackageFolder}",
            Packages.Select(id => Repository.Path("src", id, id + ".csproj")));
        Directory.CreateDirectory(PackageFolder);
        _folder.Write("nuget.config", $"""
            <configuration>
              <packageSources><add key="pmq" value="{PackageFolder}" /></packageSources>
            </configuration>
            """);
        var projects = new List<string>();
        foreach ((string name, string code) in Blocks())
        {
            Directory.CreateDirectory(Folder(name));
            projects.Add(_folder.Write($"{name}/{name}.csproj", Project(code)));
            _folder.Write($"{name}/Program.cs", WithAgents(code));
        }

        WriteTraversal("samples.proj", "Build", "", projects, "Restore");
    }

    /// <summary>
    /// Links what this machine has of others' packages; it may have ours too, of the same version and older.
    /// </summary>
    private void LinkOthers()
    {
        string machine = System.Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(
            System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Directory.CreateDirectory(OthersFolder);
        foreach (string package in Directory.EnumerateDirectories(machine))
        {
            string id = Path.GetFileName(package);
            if (!id.StartsWith("pmq.", StringComparison.OrdinalIgnoreCase))
            {
                Directory.CreateSymbolicLink(Path.Combine(OthersFolder, id), package);
            }
        }
    }

    /// <summary>A project as a reader makes it; the caches are of this run, so that no package is an older one.</summary>
    private string Project(string code)
    {
        IEnumerable<string> used = Packages.Where(
            id => id is "Pmq.Client" or "Pmq.Engine" or "Pmq.Verifiers"
                && code.Contains($"using {id};", StringComparison.Ordinal));
        return $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <OutputPath>bin/</OutputPath>
                <AppendTargetFrameworkToOutputPath>false</AppendTargetFrameworkToOutputPath>
                <RestorePackagesPath>{_folder.Path}/cache</RestorePackagesPath>
                <RestoreAdditionalProjectFallbackFolders>{OthersFolder}</RestoreAdditionalProjectFallbackFolders>
                <NuGetAudit>false</NuGetAudit>
                <UseSharedCompilation>false</UseSharedCompilation>
              </PropertyGroup>
              <ItemGroup>
                {string.Concat(used.Select(id => $"<PackageReference Include=\"{id}\" Version=\"0.1.0\" />"))}
              </ItemGroup>
            </Project>
            """;
    }

    private void WriteTraversal(
        string file, string target, string properties, IEnumerable<string> projects, string? first = null)
    {
        XElement Call(string name) => new(
            "MSBuild",
            new XAttribute("Projects", string.Join(';', projects)),
            new XAttribute("Targets", name),
            new XAttribute("Properties", name == first ? "Phase=restore" : properties),
            new XAttribute("BuildInParallel", true));
        _folder.Write(file, new XElement(
            "Project",
            new XAttribute("DefaultTargets", "Build"),
            new XElement("Target", new XAttribute("Name", "Restore")),
            new XElement(
                "Target", new XAttribute("Name", "Build"), first is null ? null : Call(first), Call(target))).ToString());
    }

    private async Task RunAsync(params string[] arguments)
    {
        await using ChildProcess process = ChildProcess.Start("dotnet", arguments, _folder.Path, Environment);
        int code = await process.WaitForExitAsync(TimeSpan.FromMinutes(5));
        Assert.True(code == 0, $"dotnet {string.Join(' ', arguments)}\n{process.Output.Tail(60)}\n{process.Errors.Tail()}");
    }

    [GeneratedRegex("^```csharp$", RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"<!-- sample: ([a-z-]+) -->\n```csharp\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
