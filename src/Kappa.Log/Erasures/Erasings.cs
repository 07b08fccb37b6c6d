namespace Kappa.Log.Erasures;

/// <summary>What went of a record, and what can go still.</summary>
internal static class Erasings
{
    /// <summary>What went of it. One without a key has none to lose.</summary>
    public static Erasing Of(in Record record) => !record.IsErased ? Erasing.Nothing
        : record.HasKey ? Erasing.Value : Erasing.ValueAndKey;

    /// <summary>Can something go of it still?</summary>
    public static bool IsLeft(in Record record) => Of(record) < Erasing.ValueAndKey;
}
