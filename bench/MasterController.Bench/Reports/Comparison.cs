namespace MasterController.Bench.Reports;

/// <summary>Two figures of the same run beside each other, or one beside its limit.</summary>
/// <param name="Beside">The name of the peer, or of the limit.</param>
/// <param name="Ratio">Of the medians, the first over the second.</param>
/// <param name="Goal">Null where none is set.</param>
internal sealed record Comparison(string Name, string Beside, double Ratio, Goal? Goal)
{
    public bool? IsMet => Goal is { } goal ? goal.Allows(Ratio) : null;

    public static Comparison Of(Figure figure, Figure beside, Goal? goal = null) =>
        new(figure.Name, beside.Name, figure.Median / beside.Median, goal);
}

/// <summary>What a ratio should be; one of both is set.</summary>
internal sealed record Goal(double? AtMost = null, double? AtLeast = null)
{
    public bool Allows(double ratio) => !(ratio > AtMost) && !(ratio < AtLeast);

    public override string ToString() =>
        AtMost is { } most ? FormattableString.Invariant($"≤ {most}") : FormattableString.Invariant($"≥ {AtLeast}");
}
