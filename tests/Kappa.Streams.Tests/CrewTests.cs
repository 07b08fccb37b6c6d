using Kappa.Streams.Runtime;
using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>The threads of a step.</summary>
public sealed class CrewTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_task_is_done_once_before_a_round_ends(int threads)
    {
        var crew = new Crew(threads);
        var random = new Random(threads);
        for (var round = 0; round < 4000; round++)
        {
            var tasks = random.Next(0, 9);
            var done = new int[tasks];
            var beside = 0;
            crew.Run(tasks, task => Interlocked.Increment(ref done[task]), round % 3 == 0 ? () => beside++ : null);

            Assert.All(done, count => Assert.Equal(1, count));
            Assert.Equal(round % 3 == 0 ? 1 : 0, beside);
        }
    }

    [Fact]
    public void Tasks_wait_for_each_other_where_there_are_threads_for_them()
    {
        // Both must be under way at once, or neither gets on.
        using var both = new Barrier(2);
        var crew = new Crew(2);
        for (var round = 0; round < 50; round++)
        {
            crew.Run(2, _ => Assert.True(both.SignalAndWait(TimeSpan.FromMinutes(1))));
        }
    }

    [Fact]
    public void What_a_task_throws_is_thrown_behind_the_round_and_the_others_are_done()
    {
        var crew = new Crew(3);
        for (var round = 0; round < 500; round++)
        {
            var done = 0;
            var error = Assert.Throws<InvalidOperationException>(() => crew.Run(7, task =>
            {
                if (task == 3)
                {
                    throw new InvalidOperationException("three");
                }

                Interlocked.Increment(ref done);
            }));

            Assert.Equal("three", error.Message);
            Assert.Equal(6, done);
        }

        crew.Run(3, _ => { });
    }
}
