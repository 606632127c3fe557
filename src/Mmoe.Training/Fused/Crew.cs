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
    private Action<int, int>? work;
    private int pieces;
    private int next;
    private int busy;
    private int generation;
    private volatile bool isOver;
    private ExceptionDispatchInfo? failure;

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
        if (pieces == 1 || this.helpers.Length == 0)
        {
            for (var piece = 0; piece < pieces; piece++)
            {
                work(0, piece);
            }

            return;
        }

        (this.work, this.pieces, this.next) = (work, pieces, 0);
        Volatile.Write(ref this.busy, this.helpers.Length);
        lock (this.gate)
        {
            this.generation++;
            System.Threading.Monitor.PulseAll(this.gate);
        }

        this.Work(0);
        var spin = default(SpinWait);
        while (Volatile.Read(ref this.busy) > 0)
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
            this.generation++;
            System.Threading.Monitor.PulseAll(this.gate);
        }

        foreach (var helper in this.helpers)
        {
            helper.Join();
        }
    }

    private void Help(int number)
    {
        for (var seen = 0; ; seen++)
        {
            this.Await(seen);
            if (this.isOver)
            {
                return;
            }

            this.Work(number);
            Interlocked.Decrement(ref this.busy);
        }
    }

    private void Await(int seen)
    {
        for (var i = 0; i < 2_000; i++)
        {
            if (Volatile.Read(ref this.generation) != seen)
            {
                return;
            }

            Thread.SpinWait(10);
        }

        lock (this.gate)
        {
            while (this.generation == seen)
            {
                System.Threading.Monitor.Wait(this.gate);
            }
        }
    }

    private void Work(int number)
    {
        try
        {
            while (Interlocked.Increment(ref this.next) - 1 is var piece && piece < this.pieces)
            {
                this.work!(number, piece);
            }
        }
        catch (Exception exception)
        {
            // Thrown where the work was asked for, once nobody is at it any more.
            this.failure = ExceptionDispatchInfo.Capture(exception);
        }
    }
}
