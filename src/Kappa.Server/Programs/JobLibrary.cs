using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Kappa.Client;
using Kappa.Log;
using Kappa.Streams;

namespace Kappa.Server.Programs;

/// <summary>
/// The jobs of an artifact, loaded into a context of their own: the public static fields and properties of type
/// <see cref="Job"/> in its assemblies. Reading them runs the program's static constructors, so deploying is running code.
/// </summary>
internal sealed class JobLibrary
{
    private readonly JobContext _context;
    private readonly Dictionary<string, Job> _jobs;

    private JobLibrary(JobContext context, Dictionary<string, Job> jobs)
    {
        _context = context;
        _jobs = jobs;
    }

    /// <summary>Its jobs' names, in ordinal order.</summary>
    public IReadOnlyList<string> Names => [.. _jobs.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The context its code runs in.</summary>
    public JobContext Context => _context;

    /// <summary>Loads an artifact.</summary>
    /// <exception cref="KappaException">It has no job, two of one name, or was built for another Kappa.</exception>
    public static JobLibrary Load(string name, Artifact artifact)
    {
        var files = artifact.Files.Where(file => HasJobs(artifact, file)).ToList();
        var context = new JobContext(name, artifact);
        try
        {
            var jobs = new Dictionary<string, Job>(StringComparer.Ordinal);
            foreach (var (member, job) in files.SelectMany(file => JobsOf(context.LoadFile(file))))
            {
                if (!jobs.TryAdd(job.Name, job) && !ReferenceEquals(jobs[job.Name], job))
                {
                    throw new KappaException(
                        ErrorKind.Invalid, $"The artifact has two jobs of the name '{job.Name}'; the second is {member}.",
                        "Give each job a name of its own in Job.Define.");
                }
            }

            return jobs.Count > 0 ? new JobLibrary(context, jobs) : throw NoJobs();
        }
        catch
        {
            context.Unload();
            throw;
        }
    }

    /// <summary>Builds a job inside its context, so that types made for it bind to its own version's types.</summary>
    /// <exception cref="KappaException">There is no such job, or its definition is wrong.</exception>
    public Topology Build(string job)
    {
        if (!_jobs.TryGetValue(job, out var found))
        {
            throw new KappaException(
                ErrorKind.NotFound, $"The artifact has no job '{job}'; it has {string.Join(", ", Names)}.",
                "Make the job a public static field or property of type Job.");
        }

        using (_context.EnterContextualReflection())
        {
            try
            {
                return found.Build();
            }
            catch (Exception broken) when (broken is not KappaException)
            {
                throw Broken($"The definition of job '{job}'", broken);
            }
        }
    }

    /// <summary>Lets the code go. It is gone when nothing refers to it any more; nothing waits for that.</summary>
    public void Unload() => _context.Unload();

    private static bool HasJobs(Artifact artifact, string file)
    {
        if (!file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) || file.Contains('/', StringComparison.Ordinal)
            || PublishedProgram.IsShared(Path.GetFileNameWithoutExtension(file)))
        {
            return false;
        }

        using var stream = File.OpenRead(Path.Combine(artifact.Folder, file));
        using var reader = new PEReader(stream);
        if (!IsManaged(reader))
        {
            return false;
        }

        var metadata = reader.GetMetadataReader();
        var streams = false;
        foreach (var handle in metadata.AssemblyReferences)
        {
            var reference = metadata.GetAssemblyReference(handle);
            var name = metadata.GetString(reference.Name);
            CheckVersion(file, name, reference.Version);
            streams |= name == "Kappa.Streams";
        }

        return streams;
    }

    private static bool IsManaged(PEReader reader)
    {
        try
        {
            return reader.HasMetadata;
        }
        catch (BadImageFormatException)
        {
            // A native library or no library at all: it can hold no job.
            return false;
        }
    }

    private static void CheckVersion(string file, string name, Version wanted)
    {
        var host = typeof(Job).Assembly.GetName().Version!;
        if (name.StartsWith("Kappa.", StringComparison.Ordinal) && PublishedProgram.IsShared(name)
            && (wanted.Major != host.Major || wanted.Minor != host.Minor))
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"{file} was built for {name} {wanted.ToString(3)}; this server is Kappa {host.ToString(3)}.",
                $"Reference Kappa {host.ToString(3)} in the project, or run a server of version {wanted.ToString(3)}.");
        }

        if (name == "System.Runtime" && wanted.Major > Environment.Version.Major)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"{file} was built for .NET {wanted.Major}; this server runs on .NET {Environment.Version.Major}.",
                $"Set the project's TargetFramework to net{Environment.Version.Major}.0.");
        }
    }

    private static IEnumerable<(string Member, Job Job)> JobsOf(Assembly assembly)
    {
        const BindingFlags PublicStatic = BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var type in TypesOf(assembly).Where(type => !type.ContainsGenericParameters))
        {
            foreach (var field in type.GetFields(PublicStatic).Where(field => field.FieldType == typeof(Job)))
            {
                yield return ($"{type.Name}.{field.Name}", Value($"{type.Name}.{field.Name}", () => field.GetValue(null)));
            }

            foreach (var property in type.GetProperties(PublicStatic)
                .Where(property => property.PropertyType == typeof(Job) && property.GetMethod is { IsPublic: true }))
            {
                yield return ($"{type.Name}.{property.Name}", Value($"{type.Name}.{property.Name}", () => property.GetValue(null)));
            }
        }
    }

    private static Type[] TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException broken)
        {
            throw Broken($"The assembly {assembly.GetName().Name}", broken.LoaderExceptions.FirstOrDefault(e => e is not null) ?? broken);
        }
    }

    private static Job Value(string member, Func<object?> read)
    {
        try
        {
            return (Job?)read() ?? throw new InvalidOperationException("It is null.");
        }
        catch (Exception broken)
        {
            throw Broken($"The member {member}", broken);
        }
    }

    private static KappaException Broken(string what, Exception cause)
    {
        while (cause is TargetInvocationException or TypeInitializationException && cause.InnerException is { } inner)
        {
            cause = inner;
        }

        return cause as KappaException ?? new KappaException(
            ErrorKind.Invalid, $"{what} cannot be read: {cause.GetType().Name}: {cause.Message}",
            "Correct the program and deploy it again.", cause);
    }

    private static KappaException NoJobs() => new(
        ErrorKind.Invalid, "The artifact has no jobs: no public static field or property of type Kappa.Streams.Job.",
        "Write 'public static readonly Job Orders = Job.Define(\"orders\", flow => …);' in a class, and deploy again.");
}
