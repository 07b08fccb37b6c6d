using Kappa.Tables.Sqlite;
using Xunit;

namespace Kappa.Tables.Tests;

public sealed class ChangeOrderTests
{
    [Fact]
    public void Changes_come_by_table_and_key_bytes_and_of_one_key_as_they_were_made()
    {
        var order = new ChangeOrder();
        for (var seed = 1; seed <= 60; seed++)
        {
            // Keys with much in common, zeros at their ends, shorter and longer than what stands beside each change.
            var random = new Random(seed);
            var changes = new TableChanges();
            var all = new List<(int Table, byte[] Key, int Number)>();
            for (var i = 0; i < random.Next(0, 200); i++)
            {
                var key = new byte[random.Next(0, 24)];
                for (var at = 0; at < key.Length; at++)
                {
                    key[at] = random.Next(4) == 0 ? (byte)(random.Next(3) * 127) : (byte)0;
                }

                var table = random.Next(3);
                all.Add((table, key, i));
                if (random.Next(5) == 0)
                {
                    changes.Remove(table, key);
                }
                else
                {
                    changes.Put(table, key, [1, 2, 3]);
                }
            }

            var expected = all.OrderBy(one => one.Table)
                .ThenBy(one => one.Key, Comparer<byte[]>.Create((left, right) =>
                    left.AsSpan().SequenceCompareTo(right)))
                .ThenBy(one => one.Number).ToList();
            order.Sort(changes);
            Assert.Equal(expected.Select(one => one.Number), Enumerable.Range(0, order.Count).Select(i => order[i]));
            Assert.Equal(
                expected.Zip(expected.Skip(1), (one, next) =>
                    one.Table == next.Table && one.Key.AsSpan().SequenceEqual(next.Key)),
                Enumerable.Range(0, Math.Max(0, order.Count - 1)).Select(i => order.IsChangedAgain(changes, i)));
        }
    }
}
