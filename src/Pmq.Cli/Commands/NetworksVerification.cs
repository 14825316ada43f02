using Pmq.Agent.Configuration;
using Pmq.Client;
using Pmq.Core.Runtime;
using Pmq.Verifiers;
using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Window;

namespace Pmq.Cli.Commands;

/// <summary><c>pmq verify --networks</c>: judges by quorum signatures and sequence, as the networks file says.</summary>
internal sealed class NetworksVerification
{
    private readonly Settings _settings;
    private readonly PmqClient _client;
    private readonly NetworksFile _file;
    private readonly PrintingRules _rules;
    private readonly AsyncSignal _changed;

    private NetworksVerification(
        Settings settings, PmqClient client, NetworksFile file, PrintingRules rules, AsyncSignal changed)
    {
        _settings = settings;
        _client = client;
        _file = file;
        _rules = rules;
        _changed = changed;
    }

    /// <summary>Judges until cancelled.</summary>
    /// <exception cref="ConfigurationException">The networks file or the state cannot be used.</exception>
    /// <exception cref="PmqClientException">The agent cannot be reached at first, or refuses the call.</exception>
    public static async Task RunAsync(
        Settings settings, Func<PmqClient> connect, CancellationToken cancellationToken)
    {
        if (settings.IsStateless)
        {
            throw new ConfigurationException(
                "--stateless: not with --networks: the order of a network's reports cannot be split over verifiers");
        }

        var changed = new AsyncSignal();
        await using NetworksFile file = Open(settings.File, changed);
        await using FileMarkStore? marks = OpenMarks(settings.State);
        if (marks is null)
        {
            Terminal.Note("without --state a restart forgets what was accepted; each network is watched for its "
                + "settle span first");
        }

        await using var quorum = new QuorumVerifier(new QuorumVerifierOptions
        {
            Networks = file,
            Marks = marks,
            OnEquivocation = equivocation => JudgementLines.Print(equivocation, settings.IsJson),
            OnMarksFailed = fault => Terminal.Note(
                $"--state {settings.State}: {fault.Message}; what would be accepted is ignored until it can be saved"),
        });
        using PmqClient client = connect();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var rules = new PrintingRules(quorum, settings.IsJson, stopping.Cancel);
        var verification = new NetworksVerification(settings, client, file, rules, changed);

        // A verifier waits for its agent; an agent that is not there at the start is a mistake worth a line.
        await client.ListPeersAsync(cancellationToken);
        await verification.FollowAsync(stopping.Token);
        rules.ThrowIfClosed();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static NetworksFile Open(string path, AsyncSignal changed)
    {
        try
        {
            return NetworksFile.Open(new NetworksFileOptions
            {
                Path = path,
                OnChanged = keyring =>
                {
                    Terminal.Note($"{path}: taken: {Describe(keyring)}");
                    changed.Set();
                },
                OnRefused = refusal => Terminal.Note(refusal.Message + "; the networks before it stay in force"),
            });
        }
        catch (NetworksFileException e)
        {
            throw new ConfigurationException(e.Message);
        }
    }

    private static FileMarkStore? OpenMarks(string? directory)
    {
        try
        {
            return directory is null ? null : FileMarkStore.Open(new FileMarkStoreOptions { Directory = directory });
        }
        catch (Exception e) when (e is MarkStoreException or ArgumentException)
        {
            throw new ConfigurationException($"--state {directory}: {e.Message}");
        }
    }

    private static string Describe(Keyring keyring) =>
        $"{keyring.Networks.Count} networks on {keyring.Overlays.Count} overlays";

    private IReadOnlyList<string> Topics() => _settings.Topics.Count > 0 ? _settings.Topics : _file.Current.Overlays;

    /// <summary>Verifies what the keyring in force names, and takes to others when it names others.</summary>
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> topics = Topics();
        Attachment attached = Attachment.Start(_client, topics, _rules, cancellationToken);
        Task changed = _changed.WaitAsync().AsTask();
        try
        {
            while (await Task.WhenAny(attached.Ended, changed) == changed)
            {
                changed = _changed.WaitAsync().AsTask();
                IReadOnlyList<string> next = Topics();
                if (!next.SequenceEqual(topics))
                {
                    // The new streams come first: what the old ones held then finds a verifier at once.
                    Attachment replaced = attached;
                    attached = Attachment.Start(_client, topics = next, _rules, cancellationToken);
                    await Task.WhenAny(attached.Taken, attached.Ended);
                    await replaced.DisposeAsync();
                }
            }

            await attached.Ended;
        }
        finally
        {
            await attached.DisposeAsync();
        }
    }

    /// <summary>What the command line says.</summary>
    /// <param name="File">The networks file.</param>
    /// <param name="State">The directory of the marks; null keeps none.</param>
    /// <param name="Topics">What is judged; empty means the overlays of the keyring in force.</param>
    /// <param name="IsStateless">Whether --stateless was given.</param>
    /// <param name="IsJson">Whether lines are JSON.</param>
    internal sealed record Settings(
        string File, string? State, IReadOnlyList<string> Topics, bool IsStateless, bool IsJson);

    /// <summary>Judges and prints each judgement; a closed output ends the command.</summary>
    private sealed class PrintingRules(QuorumVerifier quorum, bool isJson, Action stop) : IMessageVerifier
    {
        private OutputClosedException? _closed;

        public async ValueTask<AgentVerdict> VerifyAsync(AgentMessage message, CancellationToken cancellationToken)
        {
            Judgement judgement = await quorum.JudgeAsync(message.Topic, message.Data, cancellationToken);
            try
            {
                JudgementLines.Print(message, judgement, isJson);
            }
            catch (OutputClosedException e)
            {
                _closed = e;
                stop();
            }

            return judgement.Verdict;
        }

        public void ThrowIfClosed()
        {
            if (_closed is not null)
            {
                throw _closed;
            }
        }
    }
}
