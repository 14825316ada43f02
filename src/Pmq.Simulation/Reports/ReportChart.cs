using System.Globalization;
using System.Text;

namespace Pmq.Simulation.Reports;

/// <summary>
/// A report drawn as one SVG file with four panels over simulated time: delivery rate, latency percentiles, honest
/// share of meshes, bytes for each payload byte. It needs no other file and follows the reader's light or dark theme.
/// </summary>
public static class ReportChart
{
    private const int Width = 1040;
    private const int Height = 660;
    private const int PanelWidth = 420;
    private const int PanelHeight = 200;

    private const string Style = """
        <style>
        svg { --paper: #ffffff; --ink: #1f2328; --faint: #656d76; --grid: #e4e7eb; --axis: #9aa4af; --shade: #f3f5f7;
          --a: #0969da; --b: #bc4c00; --c: #8250df; --bad: #cf222e;
          background: var(--paper); font: 12px ui-sans-serif, system-ui, "Segoe UI", sans-serif; }
        @media (prefers-color-scheme: dark) {
          svg { --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --grid: #21262d; --axis: #6e7681; --shade: #161b22;
            --a: #58a6ff; --b: #f0883e; --c: #bc8cff; --bad: #ff7b72; } }
        .paper { fill: var(--paper); } .shade { fill: var(--shade); }
        text { fill: var(--ink); } .faint { fill: var(--faint); } .title { font-size: 16px; font-weight: 600; }
        .name { font-size: 13px; font-weight: 600; } .number { font-variant-numeric: tabular-nums; fill: var(--faint); }
        .grid { stroke: var(--grid); } .axis { stroke: var(--axis); }
        .mark { stroke: var(--faint); stroke-dasharray: 3 3; } .failed { fill: var(--bad); }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .a { stroke: var(--a); } .b { stroke: var(--b); } .c { stroke: var(--c); }
        </style>
        """;

    /// <summary>The file's text.</summary>
    public static string Draw(ScenarioReport report)
    {
        var svg = new StringBuilder();
        Add(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" "
            + $"height=\"{Height}\" role=\"img\">");
        Add(svg, $"<title>{Escape($"pmq sim {report.Scenario}, seed {report.Seed}")}</title>");
        Add(svg, Style);
        Add(svg, $"<rect class=\"paper\" width=\"{Width}\" height=\"{Height}\"/>");
        AddHeader(svg, report);
        AddPanels(svg, report);
        AddText(svg, "faint", 20, Height - 14, "start", report.Command);
        Add(svg, "</svg>");
        return svg.ToString();
    }

    private static void AddHeader(StringBuilder svg, ScenarioReport report)
    {
        AddText(svg, "title", 20, 30, "start",
            $"{report.Scenario}: {report.Nodes} honest, {report.Sybils} sybils, seed {report.Seed}");
        AddText(svg, "faint", 20, 50, "start", $"Switched off: {report.Defence}. {report.Graph}.");
        AddText(svg, "faint", 20, 67, "start", ReportText.Degrees(report.Options));
        string failed = string.Join(", ", report.Failures);
        AddText(svg, failed.Length > 0 ? "failed" : "faint", Width - 20, 30, "end",
            failed.Length > 0 ? $"failed: {failed}" : "every check holds");
    }

    private static void AddPanels(StringBuilder svg, ScenarioReport report)
    {
        IReadOnlyList<TimePoint> points = report.Points;
        double end = Math.Max(1, report.WarmUpSeconds + report.MeasuredSeconds);
        ChartAxis part = ChartAxis.Linear(100, most: 100);
        ChartLine[] latency =
        [
            new("p50", "a", [.. points.Select(point => Milliseconds(point.P50))]),
            new("p99", "b", [.. points.Select(point => Milliseconds(point.P99))]),
            new("max", "c", [.. points.Select(point => Milliseconds(point.Max))]),
        ];
        ChartLine bytes = new("", "a", [.. points.Select(point => point.BytesPerPayloadByte)]);
        Panel(0, "Delivered, %", part, new ChartLine("", "a", [.. points.Select(point => point.DeliveryRate * 100)]));
        Panel(1, "Latency, ms (logarithmic)", ChartAxis.Logarithmic(Lowest(latency), Highest(latency)), latency);
        Panel(2, "Honest peers in meshes, %", part,
            new ChartLine("", "a", [.. points.Select(point => point.HonestShare * 100)]));
        Panel(3, "Bytes received for each payload byte", ChartAxis.Linear(Highest([bytes])), bytes);

        void Panel(int index, string name, ChartAxis axis, params ChartLine[] lines)
        {
            int x = 70 + (index % 2 * (PanelWidth + 90));
            int y = 105 + (index / 2 * (PanelHeight + 75));
            AddPanel(svg, report, x, y, end, name, axis, lines);
        }
    }

    private static void AddPanel(
        StringBuilder svg,
        ScenarioReport report,
        int x,
        int y,
        double end,
        string name,
        ChartAxis axis,
        ChartLine[] lines)
    {
        double warm = report.WarmUpSeconds / end * PanelWidth;
        Add(svg, $"<rect class=\"shade\" x=\"{x}\" y=\"{y}\" width=\"{Number(warm)}\" height=\"{PanelHeight}\"/>");
        AddText(svg, "name", x, y - 8, "start", name);
        foreach (double tick in axis.Ticks)
        {
            double at = y + (PanelHeight * (1 - axis.HeightOf(tick)));
            AddLine(svg, "grid", x, at, x + PanelWidth, at);
            AddText(svg, "number", x - 8, at + 4, "end", ChartAxis.Label(tick));
        }

        foreach (double tick in ChartAxis.Linear(end).Ticks.Where(tick => tick <= end))
        {
            double at = x + (PanelWidth * tick / end);
            AddLine(svg, "axis", at, y + PanelHeight, at, y + PanelHeight + 4);
            AddText(svg, "number", at, y + PanelHeight + 18, "middle", ChartAxis.Label(tick));
        }

        AddText(svg, "faint", x + PanelWidth, y + PanelHeight + 34, "end", "simulated seconds (shaded: warm-up)");
        AddLine(svg, "axis", x, y + PanelHeight, x + PanelWidth, y + PanelHeight);
        foreach (TimeMark mark in report.Marks.Where(mark => mark.Second <= end))
        {
            double at = x + (PanelWidth * mark.Second / end);
            AddLine(svg, "mark", at, y, at, y + PanelHeight);
            AddText(svg, "faint", at + 4, y + PanelHeight - 6, "start", mark.Text);
        }

        double legend = x + PanelWidth;
        foreach (ChartLine line in lines.Reverse())
        {
            AddCurve(svg, report.Points, line, axis, x, y, end);
            if (line.Name.Length > 0)
            {
                AddText(svg, "faint", legend, y - 8, "end", line.Name);
                AddLine(svg, "line " + line.Colour, legend - 44, y - 12, legend - 30, y - 12);
                legend -= 60;
            }
        }
    }

    private static void AddCurve(
        StringBuilder svg, IReadOnlyList<TimePoint> points, ChartLine line, ChartAxis axis, int x, int y, double end)
    {
        var path = new StringBuilder();
        bool isDrawing = false;
        for (int i = 0; i < points.Count; i++)
        {
            if (!double.IsFinite(line.Values[i]))
            {
                isDrawing = false; // Where nothing was measured there is a gap, not a guess.
                continue;
            }

            path.Append(isDrawing ? 'L' : 'M')
                .Append(Number(x + (PanelWidth * Math.Clamp(points[i].Second / end, 0, 1)))).Append(' ')
                .Append(Number(y + (PanelHeight * (1 - axis.HeightOf(line.Values[i])))));
            isDrawing = true;
        }

        if (path.Length > 0)
        {
            Add(svg, $"<path class=\"line {line.Colour}\" d=\"{path}\"/>");
        }
    }

    private static double Milliseconds(TimeSpan? time) => time?.TotalMilliseconds ?? double.NaN;

    private static double Highest(ChartLine[] lines) =>
        lines.SelectMany(line => line.Values).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max();

    private static double Lowest(ChartLine[] lines) =>
        lines.SelectMany(line => line.Values).Where(value => value > 0).DefaultIfEmpty(double.NaN).Min();

    private static void AddLine(StringBuilder svg, string kind, double x1, double y1, double x2, double y2) => Add(
        svg,
        $"<line class=\"{kind}\" x1=\"{Number(x1)}\" y1=\"{Number(y1)}\" x2=\"{Number(x2)}\" y2=\"{Number(y2)}\"/>");

    private static void AddText(StringBuilder svg, string kind, double x, double y, string anchor, string text) => Add(
        svg,
        $"<text class=\"{kind}\" x=\"{Number(x)}\" y=\"{Number(y)}\" text-anchor=\"{anchor}\">{Escape(text)}</text>");

    private static void Add(StringBuilder svg, string line) => svg.Append(line).Append('\n');

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Escape(string text) => System.Security.SecurityElement.Escape(text);
}
