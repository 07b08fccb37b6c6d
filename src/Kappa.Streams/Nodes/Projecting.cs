using System.Reflection;
using System.Runtime.InteropServices;
using Kappa.Log;
using Kappa.Streams.Codecs;
using Kappa.Streams.Fingerprints;
using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>How the topics of a job are typed (rule L11), and of those that cannot be, why.</summary>
internal static class Projecting
{
    /// <summary>Raised when typed bytes, or what the decoders make of a record, become others.</summary>
    private const int DecoderNumber = 1;

    private static readonly string[] Kappas = ["Kappa.Log", "Kappa.Tables", "Kappa.Streams"];

    /// <summary>The projection of a source.</summary>
    /// <exception cref="KappaException">Its events have no typed form.</exception>
    public static Projection Of<T>(SourceNode<T> source)
    {
        var codec = source.Codec;
        if (typeof(T) == typeof(byte[]) || BinaryWriting.IsSimple(typeof(T)) || typeof(T).IsEnum)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"A {typeof(T).Name} is read as quickly as a typed one.", "Nothing is to be done.");
        }

        if (BinaryRules.Find(typeof(T)) is var (path, wrong))
        {
            throw new KappaException(
                ErrorKind.Invalid, $"'{path}' is of type {wrong.Name}, which has no typed form.",
                "Replays decode the records themselves, with the same results.");
        }

        var text = $"projection {DecoderNumber} of {codec.Name} by {RuntimeInformation.FrameworkDescription}";
        var print = Fingerprint.Of(new FingerprintInput(
            text, [.. codec.Lambdas], [], [typeof(T), .. codec.Types], IsUsers, Topology.SemanticsNumber));
        return new TypedProjection<T>(source.Topic, print.Hash, codec);
    }

    /// <summary>What the sources of a job can be read by; for a topic that cannot be typed, why, in words.</summary>
    public static ProjectedTopics Of(Topology topology, IEnumerable<string> except)
    {
        var found = new List<Projection>();
        var refused = new Dictionary<string, string>();
        foreach (var topic in topology.Nodes.OfType<ISourceNode>()
            .Where(source => source.NeedsDecoding && !except.Contains(source.Topic)).GroupBy(source => source.Topic))
        {
            try
            {
                var own = topic.Select(source => source.Project()).ToList();
                if (own.All(one => one.Key == own[0].Key)
                    && topology.Nodes.OfType<ISourceNode>().Count(source => source.Topic == topic.Key) == own.Count)
                {
                    found.Add(own[0]);
                }
                else
                {
                    refused[topic.Key] = "The job reads it as several types.";
                }
            }
            catch (KappaException cannot)
            {
                refused[topic.Key] = cannot.Message;
            }
        }

        return new ProjectedTopics(found, refused);
    }

    private static bool IsUsers(Assembly assembly)
    {
        var name = assembly.GetName().Name ?? "";
        return !Kappas.Contains(name) && name is not ("netstandard" or "mscorlib" or "System")
            && !name.StartsWith("System.", StringComparison.Ordinal)
            && !name.StartsWith("Microsoft.", StringComparison.Ordinal);
    }
}
