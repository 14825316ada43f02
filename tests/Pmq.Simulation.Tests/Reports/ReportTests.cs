using System.Text.Json.Nodes;
using System.Xml.Linq;
using Pmq.Simulation.Reports;

namespace Pmq.Simulation.Tests.Reports;

/// <summary>What is printed and drawn of a run.</summary>
public sealed class ReportTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void A_part_is_called_100_percent_only_when_it_is_all()
    {
        Assert.Equal("99.999 %", ReportText.Percent(0.999999));
        Assert.Equal("100 %", ReportText.Percent(1));
        Assert.Equal("-", ReportText.Percent(double.NaN));
    }

    [Fact]
    public void The_lines_of_a_run_name_graph_degrees_and_the_check_that_failed()
    {
        string text = string.Join('\n', ReportText.Lines(SampleReport.Create()));

        Assert.Contains("each dials 5 at random", text);
        Assert.Contains("D 8, Dlo 6, Dhi 16, Dscore 4, Dout 2, Dlazy 6", text);
        Assert.Contains("FAIL delivery: all is delivered; measured: 99.999 %", text);
        Assert.Contains("ok   latency", text);
        Assert.Contains("attackers-graylisted 3", text);
    }

    [Fact]
    public void The_table_has_one_line_a_run_and_says_what_failed()
    {
        string[] lines = [.. ReportText.Table([SampleReport.Create(), SampleReport.Create() with { Checks = [] }])];

        Assert.Equal(3, lines.Length);
        Assert.EndsWith("FAIL delivery", lines[1]);
        Assert.EndsWith("ok", lines[2]);
    }

    [Fact]
    public void Json_has_stable_names_and_null_for_what_was_not_measured()
    {
        JsonObject json = ReportJson.Of(SampleReport.Create());

        string[] names =
        [
            "event", "scenario", "seed", "honest", "publishers", "sybils", "defenceOff", "graph", "d", "dLow", "dHigh",
            "dScore", "dOut", "dLazy", "gossipFactor", "floodPublish", "warmUpSeconds", "measuredSeconds", "published",
            "expected", "delivered", "deliveryRate", "p50Ms", "p99Ms", "maxMs", "honestShare", "bytesPerPayloadByte",
            "facts", "checks", "passed", "marks", "points", "traceHash", "steps", "elapsedSeconds", "command",
        ];
        Assert.Equal(names, json.Select(pair => pair.Key));
        Assert.Equal(120.5, (double)json["p99Ms"]!);
        Assert.Null(json["points"]![3]!["deliveryRate"]);
        Assert.False((bool)json["passed"]!);
        Assert.Equal(3, (double)json["facts"]!["attackers-graylisted"]!);
    }

    [Fact]
    public void A_second_run_with_another_trace_fails_the_report()
    {
        ScenarioReport passed = SampleReport.Create() with { Checks = [] };

        Assert.True(passed.WithRepetition(0xabc).HasPassed);
        Assert.Equal(["same-trace"], passed.WithRepetition(0xabd).Failures);
    }

    [Fact]
    public void The_chart_is_well_formed_and_has_four_panels_with_a_curve_each()
    {
        XElement chart = XElement.Parse(ReportChart.Draw(SampleReport.Create()));

        string[] panels = [.. chart.Elements(Svg + "text").Where(e => (string?)e.Attribute("class") == "name")
            .Select(e => e.Value)];
        Assert.Equal(4, panels.Length);
        Assert.Equal(6, chart.Elements(Svg + "path").Count()); // One curve a panel, three of latencies.
        Assert.Contains("prefers-color-scheme: dark", chart.Element(Svg + "style")!.Value);
        Assert.Contains(chart.Elements(Svg + "text"), e => e.Value == "attack & more");
    }

    [Fact]
    public void A_curve_has_a_gap_where_nothing_was_measured()
    {
        XElement chart = XElement.Parse(ReportChart.Draw(SampleReport.Create()));

        string[] curves = [.. chart.Elements(Svg + "path").Select(e => (string)e.Attribute("d")!)];
        Assert.Equal(2, curves[0].Count(c => c == 'M')); // Delivery: nothing was published in one second.
        Assert.Contains(curves, curve => curve.Count(c => c == 'M') == 1); // The share of meshes is always known.
    }

    [Fact]
    public void All_that_is_drawn_lies_on_the_paper()
    {
        XElement chart = XElement.Parse(ReportChart.Draw(SampleReport.Create()));

        foreach (XElement line in chart.Elements(Svg + "line"))
        {
            Assert.InRange((double)line.Attribute("x1")!, 0, (double)chart.Attribute("width")!);
            Assert.InRange((double)line.Attribute("y2")!, 0, (double)chart.Attribute("height")!);
        }
    }

    [Theory]
    [InlineData(0.7, 0.8, new[] { 0, 0.2, 0.4, 0.6, 0.8 })]
    [InlineData(90, 100, new[] { 0.0, 20, 40, 60, 80, 100 })]
    [InlineData(double.NaN, 1, new[] { 0, 0.2, 0.4, 0.6, 0.8, 1 })]
    public void A_linear_axis_has_round_ticks_and_holds_the_highest(double highest, double top, double[] ticks)
    {
        ChartAxis axis = ChartAxis.Linear(highest);

        Assert.Equal(ticks, axis.Ticks.Select(tick => Math.Round(tick, 6)));
        Assert.Equal(1, axis.HeightOf(top), 6);
        Assert.Equal(0, axis.HeightOf(-1));
    }

    [Theory]
    [InlineData(60, 180, new[] { 50.0, 100, 200, 500 })]
    [InlineData(20, 20_000, new[] { 20.0, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000 })]
    [InlineData(double.NaN, double.NaN, new[] { 10.0, 20, 50, 100, 200, 500, 1000 })]
    public void A_logarithmic_axis_has_ticks_at_1_2_and_5(double lowest, double highest, double[] ticks)
    {
        ChartAxis axis = ChartAxis.Logarithmic(lowest, highest);

        Assert.Equal(ticks, axis.Ticks.Select(tick => Math.Round(tick, 6)));
        Assert.Equal(0, axis.HeightOf(axis.Ticks[0]), 6);
        Assert.Equal(1, axis.HeightOf(axis.Ticks[^1]), 6);
    }
}
