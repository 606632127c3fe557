namespace Mmoe.Data.Tests;

internal static class Allocations
{
    /// <summary>
    /// The bytes that the calling thread allocates in an action: the least of some runs, since a collection that another test brings about
    /// counts what is left of the thread's allocation buffer as allocated.
    /// </summary>
    /// <param name="prepare">What is not measured; it gives the action.</param>
    public static long Least(Func<Action> prepare) => Enumerable.Range(0, 8).Min(_ =>
    {
        var action = prepare();
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    });
}
