namespace ControlPlane.Engine.Analyzer;

/// <summary>Lists of replicas are short: a plain loop is quicker there than the framework's search, which a fresh process would have to compile first.</summary>
internal static class ShortLists
{
    public static bool Has(this ReadOnlySpan<int> list, int number)
    {
        foreach (var one in list)
        {
            if (one == number)
            {
                return true;
            }
        }

        return false;
    }

    public static bool Has(this Span<int> list, int number) => ((ReadOnlySpan<int>)list).Has(number);
}
