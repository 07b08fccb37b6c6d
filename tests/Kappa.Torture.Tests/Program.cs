using Kappa.Client;

namespace Kappa.Torture;

/// <summary>The program behind <c>./do torture</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (TortureOptions.Parse(args) is not { } options)
        {
            await Console.Error.WriteLineAsync(TortureOptions.Usage);
            return 2;
        }

        using var torture = new Torture(options, Console.WriteLine);
        try
        {
            await torture.RunAsync();
        }
        catch (Exception stuck) when (stuck is TortureException or RequestFailedException)
        {
            await Console.Error.WriteLineAsync("torture: " + stuck.Message);
            Tell(torture);
            return 1;
        }

        if (torture.Findings.Any)
        {
            Tell(torture);
        }

        Console.WriteLine(torture.Findings.Beyond);
        Console.WriteLine(torture.LastLine);
        return torture.Findings.Any ? 1 : 0;
    }

    private static void Tell(Torture torture)
    {
        foreach (var sentence in torture.Findings.Sentences)
        {
            Console.WriteLine(sentence);
        }

        foreach (var line in torture.Output)
        {
            Console.WriteLine("server: " + line);
        }

        Console.WriteLine("the data is kept in " + torture.Keep());
    }
}
