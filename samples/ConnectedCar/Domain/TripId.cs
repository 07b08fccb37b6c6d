namespace ConnectedCar;

/// <summary>A trip is what a device says between two starts of the engine: one boot.</summary>
public readonly record struct TripId(string Device, string Boot);
