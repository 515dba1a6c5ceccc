namespace ControlPlane.Engine.Analyzer;

/// <summary>
/// Work that is shared out among threads. The framework's Parallel.For is generic code of another assembly and compiled at run time, which takes
/// longer than what a small plan has to share out.
/// </summary>
internal static class Workers
{
    public static void For(int count, int threads, Action<int> body) => For<object?>(count, threads, () => null, (index, _) => body(index));

    /// <summary>The same where each thread needs something of its own.</summary>
    public static void For<T>(int count, int threads, Func<T> make, Action<int, T> body)
    {
        var (workers, taken) = (Math.Min(threads, count), -1);
        if (workers <= 1)
        {
            Work();
            return;
        }

        var all = new Action[workers];
        Array.Fill(all, Work);
        Parallel.Invoke(new ParallelOptions { MaxDegreeOfParallelism = workers }, all);

        void Work()
        {
            var own = make();
            for (var index = Interlocked.Increment(ref taken); index < count; index = Interlocked.Increment(ref taken))
            {
                body(index, own);
            }
        }
    }

    /// <summary>Beside each other, where there are threads for it.</summary>
    public static void Do(int threads, Action one, Action other)
    {
        if (threads <= 1)
        {
            one();
            other();
            return;
        }

        Parallel.Invoke(one, other);
    }
}
