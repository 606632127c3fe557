using System.Runtime.CompilerServices;
using Mmoe.Training.Fused;

namespace Mmoe.Training.Tests.Fused;

public sealed class CrewTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Every_piece_is_done_once_by_a_thread_of_the_crew_work_after_work(int count)
    {
        using var crew = new Crew(count);
        Assert.Equal(count, crew.Count);
        foreach (var pieces in (int[])[0, 1, 2, 3, 16, 100])
        {
            for (var round = 0; round < 300; round++)
            {
                var done = new int[pieces];
                var isOfTheCrew = true;
                crew.Run(pieces, (thread, piece) =>
                {
                    Interlocked.Increment(ref done[piece]);
                    if (thread < 0 || thread >= count)
                    {
                        Volatile.Write(ref isOfTheCrew, false);
                    }
                });
                Assert.All(done, times => Assert.Equal(1, times));
                Assert.True(isOfTheCrew);
            }
        }
    }

    /// <summary>Helpers still look for pieces of a work of few when one of many begins.</summary>
    [Fact]
    public void No_piece_is_done_twice_where_works_of_few_and_of_many_pieces_follow_each_other()
    {
        using var crew = new Crew(2);
        var done = new int[40];
        Action<int, int> work = (_, piece) => Interlocked.Increment(ref done[piece]);
        var wrong = 0;
        for (var round = 0; round < 200_000; round++)
        {
            var pieces = (round % 4) switch { 0 => 2, 1 => 9, 2 => 3, _ => 40 };
            crew.Run(pieces, work);
            for (var piece = 0; piece < done.Length; piece++)
            {
                wrong += done[piece] == (piece < pieces ? 1 : 0) ? 0 : 1;
                done[piece] = 0;
            }
        }

        Assert.Equal(0, wrong);
    }

    /// <summary>An engine that nobody disposes of is freed though its threads wait for more.</summary>
    [Fact]
    public void What_a_work_held_is_free_when_it_is_done()
    {
        using var crew = new Crew(3);
        var held = Held(crew);

        // A thread may still be on its way back from a piece.
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                GC.Collect();
                return !held.IsAlive;
            },
            TimeSpan.FromMinutes(1)));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Held(Crew crew)
        {
            var memory = new int[100];
            crew.Run(10, (_, piece) => memory[piece]++);
            Assert.Equal(10, memory.Sum());
            return new WeakReference(memory);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void All_threads_come_to_work_whether_they_wait_or_sleep(int pause)
    {
        using var crew = new Crew(3);
        using var meeting = new Barrier(3);
        for (var round = 0; round < 5; round++)
        {
            // Helpers spin for a moment, and then sleep until they are woken.
            Thread.Sleep(pause);
            var met = 0;
            crew.Run(3, (_, _) => Interlocked.Add(ref met, meeting.SignalAndWait(TimeSpan.FromMinutes(1)) ? 1 : 0));
            Assert.Equal(3, met);
        }
    }

    [Fact]
    public void Each_thread_begins_with_the_same_pieces_every_time()
    {
        using var crew = new Crew(3);
        using var meeting = new Barrier(3);
        for (var round = 0; round < 20; round++)
        {
            var first = new int[3];
            crew.Run(9, (thread, piece) =>
            {
                if (piece % 3 == 0)
                {
                    first[thread] = piece;
                    Assert.True(meeting.SignalAndWait(TimeSpan.FromMinutes(1)));
                }
            });
            Assert.Equal([0, 3, 6], first);
        }
    }

    /// <summary>Each thread has memory of its own: no two may work under one number at a time.</summary>
    [Fact]
    public void No_number_of_a_thread_is_used_by_two_at_once()
    {
        using var crew = new Crew(4);
        var users = new int[4];
        var clashes = 0;
        for (var round = 0; round < 500; round++)
        {
            crew.Run(20, (thread, _) =>
            {
                if (Interlocked.Increment(ref users[thread]) != 1)
                {
                    Interlocked.Increment(ref clashes);
                }

                Thread.SpinWait(20);
                Interlocked.Decrement(ref users[thread]);
            });
        }

        Assert.Equal(0, clashes);
    }

    [Theory]
    [InlineData(1, 3, 1)]
    [InlineData(3, 8, 0)]
    [InlineData(3, 8, 7)]
    [InlineData(3, 1, 0)]
    public void What_a_piece_throws_reaches_the_caller_and_the_crew_goes_on(int count, int pieces, int failing)
    {
        using var crew = new Crew(count);
        for (var round = 0; round < 20; round++)
        {
            var thrown = Assert.Throws<InvalidOperationException>(() => crew.Run(pieces, (_, piece) =>
            {
                if (piece == failing)
                {
                    throw new InvalidOperationException("piece");
                }
            }));
            Assert.Equal("piece", thrown.Message);
            var done = 0;
            crew.Run(pieces, (_, _) => Interlocked.Increment(ref done));
            Assert.Equal(pieces, done);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_crew_ends_whether_or_not_it_ever_worked_and_while_its_threads_sleep(bool sleeps)
    {
        var crew = new Crew(3);
        crew.Run(2, (_, _) => { });
        if (sleeps)
        {
            Thread.Sleep(50);
            var done = 0;
            crew.Run(9, (_, _) => Interlocked.Increment(ref done));
            Assert.Equal(9, done);
            Thread.Sleep(50);
        }

        crew.Dispose();
        crew.Dispose();
        new Crew(2).Dispose();
        Assert.Throws<ArgumentOutOfRangeException>(() => new Crew(0));
    }
}
