namespace Kappa.Streams;

/// <summary>What one calendar window is.</summary>
public enum CalendarUnit
{
    /// <summary>A day, from midnight to midnight.</summary>
    Day,

    /// <summary>A week, from Monday to Monday.</summary>
    Week,

    /// <summary>A month.</summary>
    Month,

    /// <summary>A year.</summary>
    Year,
}
