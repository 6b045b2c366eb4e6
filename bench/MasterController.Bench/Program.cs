using MasterController.Bench;
using MasterController.Bench.Measurements;
using MasterController.Bench.Reports;

// bench.sh builds this, gives it network and process namespaces of its own, and cleans up after it.
if (args is not [var name, var repository, var work])
{
    Console.Error.WriteLine("usage: MasterController.Bench start|lifecycle REPOSITORY WORK (see ./bench.sh)");
    return 2;
}

var workplace = new Workplace(repository, work);
Report? report = name switch
{
    "start" => await new StartMeasurement(workplace).RunAsync(),
    "lifecycle" => await new LifecycleMeasurement(workplace).RunAsync(),
    _ => null,
};
if (report is null)
{
    Console.Error.WriteLine($"there is no measurement \"{name}\"");
    return 2;
}
Table.Write(Console.Out, report);
Console.WriteLine($"\n{report.Save(workplace.Results)}");
return 0;
