using System.Diagnostics;
using System.Globalization;
using ConnectedCar.Demo;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (DemoOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(DemoOptions.Usage);
    return 2;
}

if (options.Data is { } data && (!Directory.Exists(data) || Directory.GetFiles(data, "*.csv").Length == 0))
{
    Console.Error.WriteLine($"There are no recordings in '{data}'. Name the folder with carOBD's CSV files by --data.");
    return 2;
}

var root = new DirectoryInfo(AppContext.BaseDirectory);
while (root is not null && !File.Exists(Path.Combine(root.FullName, "Kappa.slnx")))
{
    root = root.Parent;
}

var folder = Path.Combine(Path.GetTempPath(), "kappa-demo-" + Path.GetRandomFileName());
var tool = new Tool(folder, root?.FullName ?? Environment.CurrentDirectory);
using var server = tool.Start("kappa.dll", ["serve", "--data", folder, "--port", "0"], captured: false);
try
{
    var watch = Stopwatch.StartNew();
    using var story = new Story(options, tool, folder);
    var line = await story.TellAsync(server);
    if (!options.Exit)
    {
        Console.WriteLine($"\nThe server goes on at {story.Address}; its data is in {folder}.");
        Console.WriteLine("Try:  dotnet run -c Release --project src/Kappa.Cli -- jobs --data " + folder);
        Console.WriteLine("Stop it with Ctrl+C.");
        await server.WaitForExitAsync();
    }
    else
    {
        Console.WriteLine($"\n{line} seconds {watch.Elapsed.TotalSeconds:0}");
    }

    return 0;
}
catch (DemoException trouble)
{
    Console.Error.WriteLine("demo: " + trouble.Message);
    return 1;
}
finally
{
    if (!server.HasExited)
    {
        server.Kill(entireProcessTree: true);
        await server.WaitForExitAsync();
    }

    if (options.Exit && Directory.Exists(folder))
    {
        Directory.Delete(folder, recursive: true);
    }
}
