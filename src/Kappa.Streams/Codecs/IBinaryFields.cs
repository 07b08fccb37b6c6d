using System.ComponentModel;

namespace Kappa.Streams.Codecs;

/// <summary>What is generated for an event marked <see cref="BinaryEventAttribute"/>.</summary>
/// <typeparam name="T">The event.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IBinaryFields<T>
{
    /// <summary>Writes all fields of a value, one behind the other.</summary>
    static abstract void Write(ref EventWriter into, T value);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    static abstract T Read(ref EventReader from);
}
