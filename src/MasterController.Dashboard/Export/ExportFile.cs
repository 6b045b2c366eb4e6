using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MasterController.Dashboard.Api;

namespace MasterController.Dashboard.Export;

/// <summary>Items that the controller gives in pages, as one file that is written while it is read.</summary>
/// <param name="Name">Without its ending, which says how it is written.</param>
/// <param name="Read">A page; the cursor is null for the first.</param>
internal sealed record ExportFile<T>(
    string Name,
    IReadOnlyList<string> Columns,
    Func<T, string?[]> Cells,
    JsonTypeInfo<T> Type,
    Func<ControllerCalls, string?, CancellationToken, Task<(IReadOnlyList<T> Items, string? Next)>> Read
)
{
    /// <summary>A refusal is an answer as long as nothing was written; later, the file ends in the middle.</summary>
    public async Task<IResult> AnswerAsync(ControllerCalls api, bool isCsv, CancellationToken cancellationToken)
    {
        (IReadOnlyList<T> Items, string? Next) first;
        try
        {
            first = await Read(api, null, cancellationToken);
        }
        catch (ApiException refused)
        {
            return Results.Text(refused.Message, statusCode: refused.Status);
        }
        catch (ControllerUnreachableException lost)
        {
            return Results.Text(lost.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        return Results.Stream(
            body => WriteAsync(body, api, first, isCsv, cancellationToken),
            isCsv ? "text/csv; charset=utf-8" : "application/json",
            $"{Name}.{(isCsv ? "csv" : "json")}"
        );
    }

    private async Task WriteAsync(
        Stream body,
        ControllerCalls api,
        (IReadOnlyList<T> Items, string? Next) page,
        bool isCsv,
        CancellationToken cancellationToken
    )
    {
        await using var writer = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        await writer.WriteAsync(isCsv ? CsvRow.Of([.. Columns]) : "[");
        var separator = "\n";
        while (true)
        {
            foreach (var item in page.Items)
            {
                await writer.WriteAsync(
                    isCsv ? CsvRow.Of(Cells(item)) : separator + JsonSerializer.Serialize(item, Type)
                );
                separator = ",\n";
            }
            if (page.Next is null)
                break;
            await writer.FlushAsync(cancellationToken);
            page = await Read(api, page.Next, cancellationToken);
        }
        if (!isCsv)
            await writer.WriteAsync("\n]\n");
    }
}
