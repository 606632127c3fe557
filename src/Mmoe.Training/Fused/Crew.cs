using System.Runtime.ExceptionServices;

namespace Mmoe.Training.Fused;

/// <summary>
/// Threads that share out pieces of work, and wait for each other before the next. They spin for a moment before they sleep, since steps
/// follow each other within microseconds.
/// </summary>
internal sealed class Crew : IDisposable
{
    private readonly Thread[] helpers;
    private readonly object gate = new();
    private Action<int, int> work = (_, _) => { };
    private int pieces;
    private int done;
    private volatile bool isOver;
    private ExceptionDispatchInfo? failure;

    // The number of the work in its upper half, that of the next piece in its lower: whoever takes a piece knows what it is a piece of.
    private long next;

    /// <summary>Starts threads.</summary>
    /// <param name="count">How many work, the caller's own included; at least 1.</param>
    public Crew(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        this.Count = count;
        this.helpers = new Thread[count - 1];
        for (var i = 0; i < this.helpers.Length; i++)
        {
            var number = i + 1;
            this.helpers[i] = new Thread(() => this.Help(number)) { IsBackground = true, Name = $"fused {number}" };
            this.helpers[i].Start();
        }
    }

    /// <summary>The number of threads, the caller's own included.</summary>
    public int Count { get; }

    /// <summary>Does all pieces of a work, in no order; returns when they are done.</summary>
    /// <param name="pieces">How many.</param>
    /// <param name="work">Does one, given the number of the thread, from 0, and that of the piece.</param>
    public void Run(int pieces, Action<int, int> work)
    {
        if (pieces <= 1 || this.helpers.Length == 0)
        {
            for (var piece = 0; piece < pieces; piece++)
            {
                work(0, piece);
            }

            return;
        }

        (this.work, this.pieces, this.done) = (work, pieces, 0);
        Volatile.Write(ref this.next, ((this.next >> 32) + 1) << 32);
        lock (this.gate)
        {
            System.Threading.Monitor.PulseAll(this.gate);
        }

        // A helper that the system does not let run in time finds no piece left, and nobody waits for it.
        this.Work(0);
        var spin = default(SpinWait);
        while (Volatile.Read(ref this.done) < pieces)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        if (Interlocked.Exchange(ref this.failure, null) is { } failure)
        {
            failure.Throw();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        this.isOver = true;
        lock (this.gate)
        {
            System.Threading.Monitor.PulseAll(this.gate);
        }

        foreach (var helper in this.helpers)
        {
            helper.Join();
        }
    }

    private void Help(int number)
    {
        var seen = 0L;
        while (this.Await(ref seen))
        {
            this.Work(number);
        }
    }

    // Until there is a work that was not seen yet; false at the end.
    private bool Await(ref long seen)
    {
        const int Spins = 2_000;
        for (var i = 0; i < Spins && !this.isOver; i++)
        {
            if (this.IsNew(ref seen))
            {
                return true;
            }

            Thread.SpinWait(10);
        }

        lock (this.gate)
        {
            while (!this.isOver && !this.IsNew(ref seen))
            {
                System.Threading.Monitor.Wait(this.gate);
            }
        }

        return !this.isOver;
    }

    private bool IsNew(ref long seen)
    {
        var number = Volatile.Read(ref this.next) >> 32;
        (var isNew, seen) = (number != seen, number);
        return isNew;
    }

    private void Work(int number)
    {
        while (true)
        {
            // What is read before a piece is taken is that piece's: until it is done there is no other work.
            var taken = Volatile.Read(ref this.next);
            var (work, piece) = (this.work, (int)taken);
            if (piece >= this.pieces)
            {
                return;
            }

            if (Interlocked.CompareExchange(ref this.next, taken + 1, taken) == taken)
            {
                this.Do(work, number, piece);
            }
        }
    }

    private void Do(Action<int, int> work, int number, int piece)
    {
        try
        {
            work(number, piece);
        }
        catch (Exception exception)
        {
            // Thrown where the work was asked for, once nobody is at it any more.
            this.failure = ExceptionDispatchInfo.Capture(exception);
        }

        Interlocked.Increment(ref this.done);
    }
}
