// <wrong>
public static class AgesByClock
{
    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .Where(order => DateTimeOffset.UtcNow - order.At < TimeSpan.FromDays(1))
        .ToTable("recent", order => order.Id);
}
// </wrong>

// <right>
public sealed class Reminder : Process<string, Order, bool, string>
{
    public override void OnRecord(ProcessContext<string> context, string key, ref bool state, Order order)
    {
        state = true;
        context.SetTimer(context.EventTime.AddDays(1));
    }

    public override void OnTimer(ProcessContext<string> context, string key, ref bool state, DateTimeOffset due) =>
        context.Emit($"{key} is a day old");
}
// </right>
