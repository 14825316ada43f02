using Pmq.Verifiers.Reports;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Tests.Window;

/// <summary>The store of marks on a real disk.</summary>
public sealed class FileMarkStoreTests : IDisposable
{
    private static readonly ConfigDigest One = Digest(1);
    private readonly StateDirectory _state = new();

    [Fact]
    public async Task A_mark_outlives_the_store()
    {
        await using (FileMarkStore store = _state.Open())
        {
            Assert.Null(store.Load("don-a", One));
            await store.SaveAsync("don-a", One, 7, TestContext.Current.CancellationToken);
            await store.SaveAsync("don-a", Digest(2), long.MaxValue, TestContext.Current.CancellationToken);
            await store.SaveAsync("don-b", One, 0, TestContext.Current.CancellationToken);
        }

        await using FileMarkStore reopened = _state.Open();
        Assert.Equal(7, reopened.Load("don-a", One));
        Assert.Equal(long.MaxValue, reopened.Load("don-a", Digest(2)));
        Assert.Equal(0, reopened.Load("don-b", One));
        Assert.Null(reopened.Load("don-b", Digest(2)));
    }

    [Fact]
    public async Task The_file_is_for_people_and_sorted()
    {
        await using FileMarkStore store = _state.Open();
        await store.SaveAsync("don-b", One, 8, TestContext.Current.CancellationToken);
        await store.SaveAsync("don-a", One, 7, TestContext.Current.CancellationToken);
        Assert.Equal(
            $$"""
            {
              "version": 1,
              "marks": [
                {
                  "network": "don-a",
                  "digest": "{{One}}",
                  "sequence": 7
                },
                {
                  "network": "don-b",
                  "digest": "{{One}}",
                  "sequence": 8
                }
              ]
            }
            """.ReplaceLineEndings(Environment.NewLine),
            await File.ReadAllTextAsync(_state.File, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_mark_never_falls()
    {
        await using (FileMarkStore store = _state.Open())
        {
            await store.SaveAsync("don-a", One, 9, TestContext.Current.CancellationToken);
            await store.SaveAsync("don-a", One, 3, TestContext.Current.CancellationToken);
            Assert.Equal(9, store.Load("don-a", One));
            Assert.Equal(1, store.Writes);
        }

        await using FileMarkStore reopened = _state.Open();
        Assert.Equal(9, reopened.Load("don-a", One));
    }

    [Fact]
    public async Task A_lower_mark_that_is_wanted_while_a_higher_one_waits_does_not_take_its_place()
    {
        using ManualResetEventSlim go = new();
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        await using (FileMarkStore store = _state.Open(_ => go.Wait()))
        {
            Task[] saving =
                [.. new[] { 7, 9, 3 }.Select(i => store.SaveAsync("don-a", One, i, cancellationToken).AsTask())];
            Assert.Equal(9, store.Load("don-a", One));
            go.Set();
            await Task.WhenAll(saving);
        }

        await using FileMarkStore reopened = _state.Open();
        Assert.Equal(9, reopened.Load("don-a", One));
    }

    [Fact]
    public async Task Those_who_wait_at_once_share_a_write()
    {
        using SemaphoreSlim writing = new(0);
        using ManualResetEventSlim go = new();
        await using FileMarkStore store = _state.Open(step =>
        {
            if (step == MarkFileStep.Created)
            {
                writing.Release();
                go.Wait();
            }
        });
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        Task first = store.SaveAsync("don-a", One, 1, cancellationToken).AsTask();
        await writing.WaitAsync(cancellationToken);
        Task[] rest =
            [.. Enumerable.Range(2, 99).Select(i => store.SaveAsync("don-a", One, i, cancellationToken).AsTask())];
        Assert.All(rest, task => Assert.False(task.IsCompleted));
        go.Set();
        await Task.WhenAll([first, .. rest]);
        Assert.Equal(2, store.Writes);
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_takes_nothing_from_the_others()
    {
        using ManualResetEventSlim go = new();
        await using FileMarkStore store = _state.Open(_ => go.Wait());
        using CancellationTokenSource cancelled = new();
        Task first = store.SaveAsync("don-a", One, 1, cancelled.Token).AsTask();
        Task second = store.SaveAsync("don-a", One, 2, TestContext.Current.CancellationToken).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        go.Set();
        await second;
        Assert.Equal(2, store.Load("don-a", One));
    }

    [Fact]
    public async Task Two_stores_do_not_share_a_directory()
    {
        await using FileMarkStore store = _state.Open();
        MarkStoreException refused = Assert.Throws<MarkStoreException>(() => _state.Open());
        Assert.Equal($"{_state.Path} belongs to another verifier: give each a directory of its own", refused.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"version": 1}""")]
    [InlineData("""{"version": "1", "marks": []}""")]
    [InlineData("""{"version": 1, "marks": {}}""")]
    [InlineData("""{"version": 1, "marks": [7]}""")]
    [InlineData("""{"version": 1, "marks": [{"network": "a", "digest": "00", "sequence": 7}]}""")]
    [InlineData("""{"version": 1, "marks": [{"network": "a", "digest": "D", "sequence": -1}]}""")]
    [InlineData("""{"version": 1, "marks": [{"network": "a", "digest": "D", "sequence": 9223372036854775808}]}""")]
    [InlineData("""{"version": 1, "marks": [{"network": "a", "digest": "D", "sequence": 1.5}]}""")]
    [InlineData("""{"version": 1, "marks": [{"network": "\ud800", "digest": "D", "sequence": 1}]}""")]
    [InlineData(
        """
        {"version": 1, "marks": [
          {"network": "a", "digest": "D", "sequence": 1}, {"network": "a", "digest": "D", "sequence": 2}]}
        """)]
    public void A_damaged_file_is_one_line_that_says_what_to_do(string text)
    {
        _state.Write(text.Replace("\"D\"", $"\"{One}\"", StringComparison.Ordinal));
        string message = Assert.Throws<MarkStoreException>(() => _state.Open()).Message;
        Assert.StartsWith($"{_state.File} is damaged (", message, StringComparison.Ordinal);
        Assert.EndsWith(
            "put back a copy, or remove it to start from the highest report seen", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_file_of_a_later_version_is_left_alone()
    {
        _state.Write("""{"version": 2, "marks": []}""");
        string message = Assert.Throws<MarkStoreException>(() => _state.Open()).Message;
        Assert.StartsWith($"{_state.File} has version 2", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_file_gives_the_directory_back()
    {
        _state.Write("{");
        Assert.Throws<MarkStoreException>(() => _state.Open());
        File.Delete(_state.File);
        await using FileMarkStore store = _state.Open();
        Assert.Null(store.Load("don-a", One));
    }

    [Fact]
    public void A_path_that_is_no_directory_is_refused()
    {
        string file = Path.Combine(_state.Path, "file");
        File.WriteAllText(file, "x");
        string message = Assert.Throws<MarkStoreException>(
            () => FileMarkStore.Open(new FileMarkStoreOptions { Directory = file })).Message;
        Assert.StartsWith($"{file} cannot be used: ", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_of_the_disk_reaches_those_who_wait_and_the_next_write_makes_up_for_it()
    {
        bool full = true;
        await using FileMarkStore store = _state.Open(step =>
        {
            if (full && step == MarkFileStep.Written)
            {
                throw new IOException("No space left on device");
            }
        });
        MarkStoreException fault = await Assert.ThrowsAsync<MarkStoreException>(
            () => store.SaveAsync("don-a", One, 1, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal($"The marks in {_state.Path} cannot be saved: No space left on device", fault.Message);
        full = false;
        await store.SaveAsync("don-a", One, 1, TestContext.Current.CancellationToken);
        Assert.Contains("\"sequence\": 1", _state.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_was_removed_is_a_fault_of_the_disk()
    {
        await using FileMarkStore store = _state.Open();
        Directory.Delete(_state.Path, recursive: true);
        await Assert.ThrowsAsync<MarkStoreException>(
            () => store.SaveAsync("don-a", One, 1, TestContext.Current.CancellationToken).AsTask());
    }

    [Fact]
    public async Task Marks_are_bounded_and_those_that_are_there_still_rise()
    {
        await using FileMarkStore store = FileMarkStore.Open(
            new FileMarkStoreOptions { Directory = _state.Path, MaxMarks = 1 });
        await store.SaveAsync("don-a", One, 1, TestContext.Current.CancellationToken);
        MarkStoreException full = await Assert.ThrowsAsync<MarkStoreException>(
            () => store.SaveAsync("don-b", One, 1, TestContext.Current.CancellationToken).AsTask());
        Assert.Contains("maxMarks is 1", full.Message, StringComparison.Ordinal);
        await store.SaveAsync("don-a", One, 2, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_is_wanted_when_the_store_ends_is_written_first()
    {
        using ManualResetEventSlim go = new();
        FileMarkStore store = _state.Open(_ => go.Wait());
        Task first = store.SaveAsync("don-a", One, 1, TestContext.Current.CancellationToken).AsTask();
        Task second = store.SaveAsync("don-b", One, 2, TestContext.Current.CancellationToken).AsTask();
        ValueTask ending = store.DisposeAsync();
        ValueTask endingToo = store.DisposeAsync();
        Assert.False(endingToo.IsCompleted);
        go.Set();
        await ending;
        await endingToo;
        await Task.WhenAll(first, second);
        await store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => store.SaveAsync("don-a", One, 9, TestContext.Current.CancellationToken).AsTask());
        await using FileMarkStore reopened = _state.Open();
        Assert.Equal((1, 2), (reopened.Load("don-a", One), reopened.Load("don-b", One)));
    }

    [Fact]
    public async Task A_crash_at_any_step_leaves_the_old_or_the_new_marks()
    {
        List<(MarkFileStep Step, string Copy)> copies = [];
        await using FileMarkStore store = _state.Open(step => copies.Add((step, _state.Copy())));
        await store.SaveAsync("don-a", One, 1, TestContext.Current.CancellationToken);
        await store.SaveAsync("don-a", One, 2, TestContext.Current.CancellationToken);

        Assert.Equal(2 * Enum.GetValues<MarkFileStep>().Length, copies.Count);
        for (int i = 0; i < copies.Count; i++)
        {
            FileMarkStoreOptions options = new() { Directory = copies[i].Copy };
            await using FileMarkStore crashed = FileMarkStore.Open(options);
            bool renamed = copies[i].Step is MarkFileStep.Renamed or MarkFileStep.Durable;
            long? expected = i < copies.Count / 2 ? (renamed ? 1 : null) : (renamed ? 2 : 1);
            Assert.Equal(expected, crashed.Load("don-a", One));
            await crashed.SaveAsync("don-a", One, 3, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose() => _state.Dispose();

    private static ConfigDigest Digest(byte value) => new([.. Enumerable.Repeat(value, ConfigDigest.Length)]);
}
