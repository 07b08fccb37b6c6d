namespace ConnectedCar.Fleet;

/// <summary>A mistake the user can mend; its message says how.</summary>
internal sealed class FleetException(string message, Exception? inner = null) : Exception(message, inner);
