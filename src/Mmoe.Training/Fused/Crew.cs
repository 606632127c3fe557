using System.Runtime.ExceptionServices;

namespace Mmoe.Training.Fused;

/// <summary>
/// Threads that share out pieces of work, and wait for each other before the next. They spin for a moment before they sleep, since steps
/// follow each other within microseconds.
/// </summary>
/// <remarks>
/// Each thread begins with the same share of the pieces every time, so that it finds in its cache what it wrote there before; what others
/// have not begun yet when it is done, it takes from them. A thread that the system does not let run so keeps nobody waiting. Threads are
/// started with the first work that has pieces for them.
/// </remarks>
internal sealed class Crew : IDisposable
{
    // Cursors lie so far apart that no two processors write to one line of the cache, nor to the neighbour that is fetched with it.
    private const int Apart = 128 / sizeof(long);

    // No piece is left: the cursor between two works.
    private const int Closed = int.MaxValue;

    private static readonly Action<int, int> Nothing = (_, _) => { };

    private readonly Thread[] helpers;
    private readonly object gate = new();
    private readonly long[] cursors;
    private Action<int, int> work = Nothing;
    private int pieces;
    private int done;
    private int number;
    private bool isStarted;
    private volatile bool isOver;
    private ExceptionDispatchInfo? failure;

    /// <summary>A crew without threads yet.</summary>
    /// <param name="count">How many work, the caller's own included; at least 1.</param>
    public Crew(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        this.Count = count;
        this.cursors = new long[(count + 1) * Apart];
        this.helpers = new Thread[count - 1];
        for (var i = 0; i < this.helpers.Length; i++)
        {
            var thread = i + 1;
            this.helpers[i] = new Thread(() => this.Help(thread)) { IsBackground = true, Name = $"fused {thread}" };
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

        this.Start();
        this.Publish(pieces, work);
        this.Work(0);
        var spin = default(SpinWait);
        while (Volatile.Read(ref this.done) < pieces)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        // No piece is left, so nobody runs it any more; threads that wait for the next would hold all that it holds.
        this.work = Nothing;
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

        foreach (var helper in this.isStarted ? this.helpers : [])
        {
            helper.Join();
        }
    }

    private void Start()
    {
        if (this.isStarted)
        {
            return;
        }

        this.isStarted = true;
        foreach (var helper in this.helpers)
        {
            helper.Start();
        }
    }

    // A helper may still look for a piece of the work before. So all cursors are closed before anything else changes: it takes no piece
    // by a cursor that moved since it looked.
    private void Publish(int pieces, Action<int, int> work)
    {
        var number = this.number + 1;
        for (var share = 0; share < this.Count; share++)
        {
            Interlocked.Exchange(ref this.Cursor(share), At(number, Closed));
        }

        (this.work, this.pieces, this.done) = (work, pieces, 0);
        for (var share = 0; share < this.Count; share++)
        {
            Volatile.Write(ref this.Cursor(share), At(number, First(share, pieces, this.Count)));
        }

        Volatile.Write(ref this.number, number);
        lock (this.gate)
        {
            System.Threading.Monitor.PulseAll(this.gate);
        }
    }

    // The number of the work in the upper half, that of the next piece in the lower: whoever takes a piece knows what it is a piece of.
    private static long At(int number, int piece) => ((long)number << 32) | (uint)piece;

    private static int First(int share, int pieces, int shares) => (int)((long)pieces * share / shares);

    private ref long Cursor(int share) => ref this.cursors[(share + 1) * Apart];

    private void Help(int thread)
    {
        var seen = 0;
        while (this.Await(ref seen))
        {
            this.Work(thread);
        }
    }

    // Until there is a work that was not seen yet; false at the end.
    private bool Await(ref int seen)
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

    private bool IsNew(ref int seen)
    {
        var number = Volatile.Read(ref this.number);
        (var isNew, seen) = (number != seen, number);
        return isNew;
    }

    // Its own share, then those of the others.
    private void Work(int thread)
    {
        for (var i = 0; i < this.Count; i++)
        {
            this.Take(thread, (thread + i) % this.Count);
        }
    }

    private void Take(int thread, int share)
    {
        ref var cursor = ref this.Cursor(share);
        while (true)
        {
            // What is read between a look at the cursor and its move is of the same work: until the piece is done there is no other.
            var taken = Volatile.Read(ref cursor);
            var (work, piece, end) = (this.work, (int)taken, First(share + 1, this.pieces, this.Count));
            if (piece >= end)
            {
                return;
            }

            if (Interlocked.CompareExchange(ref cursor, taken + 1, taken) == taken)
            {
                this.Do(work, thread, piece);
            }
        }
    }

    private void Do(Action<int, int> work, int thread, int piece)
    {
        try
        {
            work(thread, piece);
        }
        catch (Exception exception)
        {
            // Thrown where the work was asked for, once nobody is at it any more.
            this.failure = ExceptionDispatchInfo.Capture(exception);
        }

        Interlocked.Increment(ref this.done);
    }
}
