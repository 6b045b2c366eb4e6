using MasterController.Bench;
using MasterController.Bench.Reports;
using MasterController.BrowserBench;

// bench.sh builds this, gives it network and process namespaces of its own, and cleans up after it.
if (args is not [var repository, var work])
{
    Console.Error.WriteLine("usage: MasterController.BrowserBench REPOSITORY WORK (see ./bench.sh)");
    return 2;
}
var workplace = new Workplace(repository, work);
var report = await new DashboardMeasurement(workplace).RunAsync();
Table.Write(Console.Out, report);
Console.WriteLine($"\n{report.Save(workplace.Results)}");
return 0;
