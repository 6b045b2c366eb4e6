namespace MasterController.Bench.Reports;

/// <summary>Collects what the parts of a measurement find, in their order.</summary>
internal sealed class Findings
{
    private readonly List<Figure> _figures = [];
    private readonly List<Comparison> _comparisons = [];

    public IReadOnlyList<Figure> Figures => _figures;

    public IReadOnlyList<Comparison> Comparisons => _comparisons;

    public Figure Add(Figure figure)
    {
        _figures.Add(figure);
        return figure;
    }

    public void Compare(Figure figure, Figure beside, Goal? goal = null) =>
        _comparisons.Add(Comparison.Of(figure, beside, goal));
}
