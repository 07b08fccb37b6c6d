using Kappa.Streams.Operators;
using Kappa.Streams.Runtime;
using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>The waiting values of a join against a list that is looked through (rules O3, T6).</summary>
public sealed class JoinSideTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void A_side_is_a_list_in_order_of_time_whatever_the_bounds_are_O3_T8(int seed, bool isOfRecord)
    {
        var (side, model, random) = (new JoinSide<long>(), new List<JoinRow<long>>(), new Random(seed));
        var found = new List<JoinRow<long>>();
        var (now, taken) = (1_000L, 0);
        for (var number = 0L; number < 20_000; number++)
        {
            var time = now + random.Next(-20, 20);
            switch (random.Next(8))
            {
                case < 4:
                    var reach = isOfRecord ? random.Next(30) : 15;
                    var expires = random.Next(isOfRecord ? 40 : 1_000_000) == 0 ? long.MaxValue : time + reach;
                    if (expires < now)
                    {
                        break;
                    }

                    var row = new JoinRow<long>(number, time, time - reach, time + reach, expires);
                    Assert.Equal(model.All(other => other.Expires != expires), side.Add(row));
                    model.Insert(model.Count(other => other.Time <= time), row);
                    break;
                case 4:
                    found.Clear();
                    side.Between(time - 7, time + 3, found);
                    Assert.Equal(model.Where(other => other.Time >= time - 7 && other.Time <= time + 3), found);
                    break;
                case 5:
                    found.Clear();
                    side.Around(time, found);
                    Assert.Equal(model.Where(other => other.First <= time && time <= other.Last), found);
                    break;
                case 6:
                    side.TakeExpired(now, found);
                    Assert.Equal(model.Where(other => other.Expires == now), found);
                    taken += model.RemoveAll(other => other.Expires == now);
                    now += random.Next(100) == 0 ? Skipped(side, model, now) : 1;
                    break;
                default:
                    side = random.Next(50) == 0 ? Copy(side) : side;
                    break;
            }

            Assert.Equal(model.Count, side.Count);
        }

        Assert.True(taken > 1_000, $"{taken} expired");
    }

    /// <summary>Time passes without anything left to expire in it: all rows but those that never do go.</summary>
    private static int Skipped(JoinSide<long> side, List<JoinRow<long>> model, long now)
    {
        var found = new List<JoinRow<long>>();
        for (var time = now; time < now + 100; time++)
        {
            side.TakeExpired(time, found);
            Assert.Equal(model.Where(other => other.Expires == time), found);
            model.RemoveAll(other => other.Expires == time);
        }

        return 100;
    }

    private static JoinSide<long> Copy(JoinSide<long> side)
    {
        var into = new StateWriter();
        side.Save(into);
        var copy = new JoinSide<long>();
        copy.Load(new StateReader(into.Written));
        return copy;
    }
}
