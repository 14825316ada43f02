using System.Text;
using Pmq.Verifiers.Reports;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Networks;

/// <summary>What holds of the networks of a keyring, whether they come from a file or from code.</summary>
internal static class KeyringRules
{
    /// <summary>What gossip takes as a topic.</summary>
    public const int MaxOverlayBytes = 512;

    /// <summary>The first rule that is broken, in the order of the networks; null if all hold.</summary>
    public static KeyringFault? FirstFault(IReadOnlyList<Network> networks)
    {
        if (networks.Count > Keyring.MaxNetworks)
        {
            return new KeyringFault(
                "networks", null, $"there are {networks.Count}, more than the {Keyring.MaxNetworks} allowed");
        }

        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var digests = new Dictionary<ConfigDigest, (string Id, string Path)>();
        var overlays = new Dictionary<string, (string Id, string Path)>(StringComparer.Ordinal);
        for (int i = 0; i < networks.Count; i++)
        {
            Network network = networks[i];
            string path = $"networks[{i}]";
            KeyringFault? fault = IdFault(network.Id, path, i, ids)
                ?? OverlayFault(network, path, overlays)
                ?? WindowFault(network.Window, path)
                ?? EpochFault(network, path, digests);
            if (fault is not null)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>What is wrong with a name of at most so many bytes; null if nothing is.</summary>
    public static string? NameFault(string name, int maxBytes) =>
        name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= maxBytes && name.EnumerateRunes().All(KeyText.IsShown)
            ? null
            : $"must be text of 1 to {maxBytes} bytes without control characters";

    /// <summary>The first option of a window that is out of its range or relation; null if none is.</summary>
    private static KeyringFault? WindowFault(WindowOptions window, string networkPath)
    {
        string path = networkPath + ".window";
        foreach (WindowKey key in WindowKey.All)
        {
            long value = key.Get(window);
            if (value < key.Least || value > key.Most)
            {
                return new KeyringFault($"{path}.{key.Name}", key.Show(value), "must be " + key.Range);
            }
        }

        return AtMost(window.SkipThreshold, window.ValidityThreshold, "validity", path)
            ?? AtMost(window.SkipThreshold, window.MaxRemembered, "maxRemembered", path)
            ?? (window.Validate() is [{ } fault, ..] ? new KeyringFault(path, null, fault.Message) : null);
    }

    private static KeyringFault? AtMost(long skip, long limit, string name, string path) => skip <= limit
        ? null
        : new KeyringFault(path + ".skip", KeyText.Of(skip), $"must be at most {name}, which is {limit}");

    private static KeyringFault? IdFault(string id, string path, int index, Dictionary<string, int> ids)
    {
        path += ".id";
        if (NameFault(id, Keyring.MaxIdBytes) is { } message)
        {
            return new KeyringFault(path, KeyText.Shorten(id), message);
        }

        return ids.TryAdd(id, index)
            ? null
            : new KeyringFault(path, KeyText.Shorten(id), $"is already the id of networks[{ids[id]}]; ids are unique");
    }

    private static KeyringFault? OverlayFault(
        Network network, string networkPath, Dictionary<string, (string Id, string Path)> overlays)
    {
        string path = networkPath + ".overlays";
        if (Count(network.Overlays.Count, Keyring.MaxOverlays, path, "overlay") is { } count)
        {
            return count;
        }

        for (int i = 0; i < network.Overlays.Count; i++)
        {
            string overlay = network.Overlays[i];
            string item = $"{path}[{i}]";
            if (NameFault(overlay, MaxOverlayBytes) is { } message)
            {
                return new KeyringFault(item, KeyText.Shorten(overlay), message);
            }

            if (!overlays.TryAdd(overlay, (network.Id, item)))
            {
                (string id, string first) = overlays[overlay];
                return new KeyringFault(
                    item,
                    KeyText.Shorten(overlay),
                    id == network.Id
                        ? $"stands twice, first as {first}"
                        : $"is already an overlay of network {id} ({first}); an overlay carries one network's reports");
            }
        }

        return null;
    }

    private static KeyringFault? EpochFault(
        Network network, string networkPath, Dictionary<ConfigDigest, (string Id, string Path)> digests)
    {
        string path = networkPath + ".epochs";
        if (Count(network.Epochs.Count, Keyring.MaxEpochs, path, "epoch") is { } count)
        {
            return count;
        }

        for (int i = 0; i < network.Epochs.Count; i++)
        {
            NetworkEpoch epoch = network.Epochs[i];
            string item = $"{path}[{i}]";
            if (epoch.Signers.NetworkId != network.Id)
            {
                return new KeyringFault(
                    $"{item}.signers",
                    null,
                    $"are those of network {epoch.Signers.NetworkId}; must be those of network {network.Id}");
            }

            if (!digests.TryAdd(epoch.Digest, (network.Id, $"{item}.digest")))
            {
                (string id, string first) = digests[epoch.Digest];
                return new KeyringFault(
                    $"{item}.digest",
                    KeyText.Shorten(epoch.Digest.ToString()),
                    $"stands twice: in network {id} ({first}) and in network {network.Id}; a digest names one epoch");
            }
        }

        return null;
    }

    private static KeyringFault? Count(int count, int max, string path, string word) => count switch
    {
        0 => new KeyringFault(path, null, $"must hold at least one {word}"),
        _ when count > max => new KeyringFault(path, null, $"there are {count}, more than the {max} allowed"),
        _ => null,
    };
}
