using System.Globalization;

namespace Pmq.Interop.Tests.Mesh;

/// <summary>
/// js peers and ours, in turn in a ring with chords; all publish, all listen, all score. <see cref="RunAsync"/> says
/// what was wrong; nothing is.
/// </summary>
internal sealed class MixedMesh : IAsyncDisposable
{
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(30);

    private readonly MeshPlan _plan;
    private readonly Action<string> _say;
    private readonly List<IMeshMember> _members = [];
    private readonly HashSet<string> _faults = [];
    private readonly HashSet<IMeshMember> _scoring = [];
    private double _worstAtJs;
    private double _worstAtOurs;

    private MixedMesh(MeshPlan plan, Action<string> say) => (_plan, _say) = (plan, say);

    /// <summary>The peers, js and ours in turn.</summary>
    public IReadOnlyList<IMeshMember> Members => _members;

    /// <summary>Starts the peers, connects them and waits for their meshes.</summary>
    public static async Task<MixedMesh> StartAsync(MeshPlan plan, Action<string> say)
    {
        var mesh = new MixedMesh(plan, say);
        try
        {
            for (int i = 0; i < plan.PeersOfEach; i++)
            {
                mesh._members.Add(await JsMember.StartAsync($"js{i}", plan, plan.JsVersions.ElementAtOrDefault(i)));
                mesh._members.Add(await OurMember.StartAsync($"ours{i}", plan));
            }

            int count = mesh._members.Count;
            for (int i = 0; i < count; i++)
            {
                for (int step = 1; step <= plan.Dials; step++)
                {
                    await mesh._members[i].DialAsync(mesh._members[(i + step) % count].Address);
                }
            }

            await Task.WhenAll(mesh._members.Select(m => m.AwaitMeshAsync(plan.Mesh.Low)));
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    /// <summary>Traffic from all for the planned time; what was wrong, each fault once.</summary>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        Task<int>[] publishing = [.. _members.Select(m => m.PublishAsync(_plan))];
        Task all = Task.WhenAll(publishing);
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (int second = 1; !all.IsCompleted; second++)
        {
            await pace.WaitForNextTickAsync();
            await LookAtScoresAsync();
            if (second % 10 == 0)
            {
                await ReportAsync(second);
            }
        }

        await all;
        long settleUntil = Environment.TickCount64 + (long)SettleTime.TotalMilliseconds;
        while (!await IsCompleteAsync() && Environment.TickCount64 < settleUntil)
        {
            await pace.WaitForNextTickAsync();
        }

        await LookAtScoresAsync();
        await JudgeAsync(publishing);
        return [.. _faults.Order(StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
        {
            await member.DisposeAsync();
        }
    }

    private async Task<bool> IsCompleteAsync()
    {
        Tally[] tallies = await Task.WhenAll(_members.Select(m => m.TallyAsync()));
        return tallies.All(t => t.Total == Expected);
    }

    private int Expected => (_members.Count - 1) * _plan.Messages;

    private async Task LookAtScoresAsync()
    {
        var names = _members.ToDictionary(m => m.PeerId, m => m.Name);
        foreach (var member in _members)
        {
            var (scores, graylist) = await member.ScoresAsync();
            _scoring.UnionWith(scores.Values.Any(score => score > 0) ? [member] : []);
            foreach (var (peer, score) in scores)
            {
                ref double worst = ref member is JsMember ? ref _worstAtJs : ref _worstAtOurs;
                worst = Math.Min(worst, score);
                if (score < 0)
                {
                    string name = names.GetValueOrDefault(peer, peer);
                    _faults.Add($"{member.Name} gave {name} a score that keeps it out of a mesh");
                    _say(string.Create(CultureInfo.InvariantCulture, $"{member.Name} scores {name} {score:F1}"));
                    if (score < graylist)
                    {
                        _faults.Add($"{member.Name} graylisted {name}");
                    }
                }
            }
        }
    }

    private async Task ReportAsync(int second)
    {
        Tally[] tallies = await Task.WhenAll(_members.Select(m => m.TallyAsync()));
        _say(string.Create(
            CultureInfo.InvariantCulture,
            $"{second} s: delivered {string.Join(' ', tallies.Select(t => t.Total))} of {Expected}; "
            + $"lowest score at js {_worstAtJs:F2}, at ours {_worstAtOurs:F2}"));
    }

    private async Task JudgeAsync(Task<int>[] publishing)
    {
        for (int i = 0; i < _members.Count; i++)
        {
            var member = _members[i];
            var tally = await member.TallyAsync();
            foreach (var publisher in _members.Where(m => m != member))
            {
                int got = tally.Delivered.GetValueOrDefault(publisher.Name);
                Note(got != _plan.Messages, $"{member.Name} was delivered {got} of {publisher.Name}'s {_plan.Messages}");
            }

            int reached = await publishing[i];
            Note(reached < 1, $"a message of {member.Name} was sent to nobody");
            Note(!_scoring.Contains(member), $"{member.Name} found nobody good: it does not score");
            Note(tally.Again > 0, $"{member.Name} was delivered {tally.Again} messages twice");
            Note(tally.Foreign > 0, $"{member.Name} was delivered {tally.Foreign} messages of nobody");
        }

        await ReportAsync((int)_plan.Duration.TotalSeconds);
    }

    private void Note(bool isFault, string fault)
    {
        if (isFault)
        {
            _faults.Add(fault);
        }
    }
}
