namespace Kappa.Log.Erasures;

/// <summary>What goes of a record.</summary>
internal enum Erasing
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>Its value and headers.</summary>
    Value,

    /// <summary>Its key, too.</summary>
    ValueAndKey,
}

/// <summary>What goes of a record; its offset, stamp and place stay (rule L10).</summary>
/// <param name="record">A record.</param>
internal delegate Erasing Eraser(in Record record);
