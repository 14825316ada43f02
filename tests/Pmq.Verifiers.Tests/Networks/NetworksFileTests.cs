using Pmq.Testing;
using Pmq.Verifiers.Networks;

namespace Pmq.Verifiers.Tests.Networks;

public sealed class NetworksFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pmq-test-").FullName;
    private readonly VirtualTimeProvider _time = new();
    private readonly List<Keyring> _changes = [];
    private readonly List<string> _refusals = [];

    private string FilePath => Path.Combine(_folder, "networks.yaml");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_with_a_mistake_is_not_opened()
    {
        Write("networks: 3");
        Assert.Equal(
            $"{FilePath}:1: networks = 3: must be a list of 1 to 1000",
            Assert.Throws<NetworksFileException>(Open).Message);
        File.Delete(FilePath);
        Assert.Equal(
            $"{FilePath}: cannot be read: no such file", Assert.Throws<NetworksFileException>(Open).Message);
        Write(NetworksReaderTests.Good);
        await using NetworksFile file = Open();
        Assert.Equal(2, file.Current.Networks.Count);
    }

    [Fact]
    public async Task A_change_is_taken_once_it_is_steady()
    {
        Write(NetworksReaderTests.Good);
        await using NetworksFile file = Open();
        Keyring before = file.Current;

        Write(Renamed("first"));
        file.Poll();
        Assert.Same(before, file.Current);
        Write(Renamed("second"));
        file.Poll();
        Assert.Same(before, file.Current);
        file.Poll();
        file.Poll();

        Assert.Equal("second", file.Current.Networks[1].Id);
        Assert.Same(file.Current, Assert.Single(_changes));
        Assert.Empty(_refusals);
    }

    [Fact]
    public async Task A_file_that_is_being_written_is_not_taken()
    {
        Write(NetworksReaderTests.Good);
        await using NetworksFile file = Open();
        Keyring before = file.Current;

        // Cut after the first network it is a good file with one network less; cut elsewhere it is none.
        int end = NetworksReaderTests.Good.IndexOf("  - id: 7", StringComparison.Ordinal);
        Write(NetworksReaderTests.Good[..end]);
        file.Poll();
        Write(NetworksReaderTests.Good[..(end + 20)]);
        file.Poll();
        Write(NetworksReaderTests.Good);
        file.Poll();
        file.Poll();

        Assert.Same(before, file.Current);
        Assert.Empty(_changes);
        Assert.Empty(_refusals);
    }

    [Fact]
    public async Task A_mistake_is_said_once_and_the_keyring_before_it_stays()
    {
        Write(NetworksReaderTests.Good);
        await using NetworksFile file = Open();
        Keyring before = file.Current;

        Write(NetworksReaderTests.With("f: 1", "f: 2"));
        PollOften(file);
        Assert.Same(before, file.Current);
        Assert.StartsWith(
            $"{FilePath}:8: networks[0].epochs[0].f = 2: ", Assert.Single(_refusals), StringComparison.Ordinal);
        Write(NetworksReaderTests.With("f: 1", "f: 3"));
        PollOften(file);
        Assert.Equal(2, _refusals.Count);
        Assert.Same(before, file.Current);
        Write(NetworksReaderTests.With("f: 1", "f: 0"));
        PollOften(file);

        Assert.Equal(0, file.Current.Networks[0].Epochs[0].Signers.MaxFaulty);
        Assert.Equal(2, _refusals.Count);
        Assert.Single(_changes);
    }

    [Fact]
    public async Task A_file_that_goes_away_is_said_once_and_the_keyring_stays()
    {
        Write(NetworksReaderTests.Good);
        await using NetworksFile file = Open();
        Keyring before = file.Current;

        File.Delete(FilePath);
        PollOften(file);
        Assert.Same(before, file.Current);
        Assert.Equal([$"{FilePath}: cannot be read: no such file"], _refusals);
        Write(Renamed("back"));
        PollOften(file);

        Assert.Equal("back", file.Current.Networks[1].Id);
    }

    [Fact]
    public async Task A_new_time_is_no_change()
    {
        Write(NetworksReaderTests.Good);
        await using NetworksFile file = Open();

        File.SetLastWriteTimeUtc(FilePath, DateTime.UnixEpoch);
        PollOften(file);

        Assert.Empty(_changes);
    }

    [Fact]
    public async Task A_symbolic_link_that_is_switched_is_a_change()
    {
        // As Kubernetes does it: networks.yaml -> ..data/networks.yaml, ..data -> a folder of the version.
        foreach (string version in new[] { "one", "two" })
        {
            Directory.CreateDirectory(Path.Combine(_folder, version));
            File.WriteAllText(Path.Combine(_folder, version, "networks.yaml"), Renamed(version));
            File.SetLastWriteTimeUtc(Path.Combine(_folder, version, "networks.yaml"), DateTime.UnixEpoch);
        }

        File.CreateSymbolicLink(Path.Combine(_folder, "..data"), "one");
        File.CreateSymbolicLink(FilePath, "..data/networks.yaml");
        await using NetworksFile file = Open();
        Assert.Equal("one", file.Current.Networks[1].Id);

        File.Delete(Path.Combine(_folder, "..data"));
        File.CreateSymbolicLink(Path.Combine(_folder, "..data"), "two");
        PollOften(file);

        Assert.Equal("two", file.Current.Networks[1].Id);
    }

    [Fact]
    public async Task The_file_is_looked_at_on_the_interval()
    {
        Write(NetworksReaderTests.Good);
        var changed = new TaskCompletionSource<Keyring>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using NetworksFile file = NetworksFile.Open(new NetworksFileOptions
        {
            Path = FilePath,
            PollInterval = TimeSpan.FromMilliseconds(5),
            OnChanged = keyring => changed.TrySetResult(keyring),
        });

        Write(Renamed("later"));

        Keyring keyring = await changed.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal("later", keyring.Networks[1].Id);
        Assert.Same(keyring, file.Current);
    }

    [Fact]
    public async Task What_a_callback_throws_comes_out_at_the_end_and_does_not_end_the_watch()
    {
        Write(NetworksReaderTests.Good);
        var refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        NetworksFile file = NetworksFile.Open(new NetworksFileOptions
        {
            Path = FilePath,
            PollInterval = TimeSpan.FromMilliseconds(5),
            OnRefused = refusal =>
            {
                refused.SetResult();
                throw new InvalidTimeZoneException(refusal.Message);
            },
            OnChanged = _ =>
            {
                changed.SetResult();
                throw new InvalidDataException();
            },
        });

        File.Delete(FilePath);
        await refused.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Write(Renamed("later"));
        await changed.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal("later", file.Current.Networks[1].Id);

        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await file.DisposeAsync());
    }

    [Fact]
    public async Task Disposal_ends_the_watch()
    {
        Write(NetworksReaderTests.Good);
        NetworksFile file = Open();
        Assert.Equal(1, _time.ArmedTimerCount);

        await file.DisposeAsync();
        await file.DisposeAsync();

        Assert.Equal(0, _time.ArmedTimerCount);
        Assert.Equal(2, file.Current.Networks.Count);
    }

    [Fact]
    public void A_file_that_is_too_large_or_no_file_is_refused()
    {
        using (FileStream stream = File.Create(FilePath))
        {
            stream.SetLength(NetworksFile.MaxFileBytes + 1);
        }

        Assert.Equal(
            $"{FilePath}: is larger than the 16777216 bytes allowed",
            Assert.Throws<NetworksFileException>(Open).Message);
        File.Delete(FilePath);
        Directory.CreateDirectory(FilePath);
        Assert.Equal(
            $"{FilePath}: cannot be read: permission denied, or it is a directory",
            Assert.Throws<NetworksFileException>(Open).Message);
        Assert.StartsWith(
            "/dev/zero: is larger than the ",
            Assert.Throws<NetworksFileException>(
                () => NetworksFile.Open(new NetworksFileOptions { Path = "/dev/zero" })).Message,
            StringComparison.Ordinal);
    }

    private static string Renamed(string id) => NetworksReaderTests.With("id: 7", "id: " + id);

    private static void PollOften(NetworksFile file)
    {
        for (int i = 0; i < 4; i++)
        {
            file.Poll();
        }
    }

    private NetworksFile Open() => NetworksFile.Open(new NetworksFileOptions
    {
        Path = FilePath,
        TimeProvider = _time,
        OnChanged = _changes.Add,
        OnRefused = refusal => _refusals.Add(refusal.Message),
    });

    private void Write(string content) => File.WriteAllText(FilePath, content);
}
