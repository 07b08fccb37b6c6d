namespace Kappa.Streams;

/// <summary>
/// A second way out of a process, beside its results: keep one in a static or instance field of the process, send to it
/// with <see cref="ProcessContext{TOut}.Emit{TSide}"/>, and read it with <see cref="ProcessResults{TOut}.Side"/>.
/// </summary>
/// <typeparam name="T">What is sent.</typeparam>
/// <param name="name">Its name, unique among those of the process.</param>
public sealed class SideOutput<T>(string name)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
