namespace Pmq.Benchmarks.AgentPath;

/// <summary>The rules of the verifying node.</summary>
/// <param name="Name">By which <c>--rows</c> selects it.</param>
/// <param name="Title">As it stands in the table.</param>
/// <param name="Members">The signers of the OCR2 network; 0 accepts all.</param>
/// <param name="MaxFaulty">f: f + 1 of them sign.</param>
/// <param name="UnderWay">
/// Messages under way at most: below what an agent holds for a listener, and few enough to be judged in the verdict time.
/// </param>
internal sealed record PathRow(string Name, string Title, int Members, int MaxFaulty, int UnderWay)
{
    public static IReadOnlyList<PathRow> All { get; } =
    [
        new("accept-all", "accept all", 0, 0, 1000),
        new("ocr2-4", "OCR2, 2 signatures of 4 signers", 4, 1, 250),
        new("ocr2-31", "OCR2, 11 signatures of 31 signers", 31, 10, 50),
    ];
}
