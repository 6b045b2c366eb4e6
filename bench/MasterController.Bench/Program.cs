using MasterController.Bench;
using MasterController.Bench.Measurements;
using MasterController.Bench.Reports;
using MasterController.Bench.Subjects;
using MasterController.Bench.Subjects.Networks;

// A measurement has started this program once more, for what only a fresh process shows.
if (args is [var task, var file] && FreshProcess.Tasks.Contains(task))
{
    await FreshProcess.MeasureAsync(task, file);
    return 0;
}
if (args is [var networkTask, var space, var state] && NetworkTask.Names.Contains(networkTask))
{
    await NetworkTask.ServeAsync(networkTask, space, state);
    return 0;
}

// bench.sh builds this, gives it network and process namespaces of its own, and cleans up after it.
if (args is not [var name, var repository, var work, .. var parts])
{
    Console.Error.WriteLine(
        "usage: MasterController.Bench start|lifecycle|pool|network|external REPOSITORY WORK [PART…] (see ./bench.sh)"
    );
    return 2;
}

var workplace = new Workplace(repository, work);
Report? report = name switch
{
    "start" => await new StartMeasurement(workplace).RunAsync(),
    "lifecycle" => await new LifecycleMeasurement(workplace).RunAsync(),
    "pool" => await new PoolMeasurement(workplace).RunAsync(parts is [] ? PoolMeasurement.Parts : parts),
    "network" => await new NetworkMeasurement(workplace).RunAsync(parts is [] ? NetworkMeasurement.Parts : parts),
    "external" => await new ExternalMeasurement(workplace).RunAsync(parts is [] ? ExternalMeasurement.Parts : parts),
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
