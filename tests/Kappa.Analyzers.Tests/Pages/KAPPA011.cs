// <wrong>
[BinaryEvent]
public sealed record Reading<T>(string Device, T Value);

[BinaryEvent]
public sealed class Cart(int size)
{
    public int Size => size;
}
// </wrong>

// <right>
[BinaryEvent]
public sealed record Temperature(string Device, double Celsius);

[BinaryEvent]
public sealed record Basket(int Size);
// </right>
