using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>How the topics of a job are typed (rule L11).</summary>
/// <param name="All">The projections, at most one of a topic.</param>
/// <param name="Refused">Of topics that cannot be typed, why.</param>
internal sealed record ProjectedTopics(
    IReadOnlyList<Projection> All, IReadOnlyDictionary<string, string> Refused);
