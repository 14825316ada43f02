namespace Pmq.Gossipsub.Rpc;

/// <summary>The kinds of control, by their field numbers in ControlMessage.</summary>
internal enum ControlKind
{
    IHave = 1,
    IWant = 2,
    Graft = 3,
    Prune = 4,
    IDontWant = 5,
}
