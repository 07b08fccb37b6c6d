namespace Kappa.Server;

/// <summary>
/// Finds names in SQL without understanding it, only to guess which job is asked; what is allowed is decided by SQLite.
/// </summary>
internal static class SqlWords
{
    /// <summary>Does a name stand in the statement, as a word or in quotes?</summary>
    public static bool Names(string sql, string name)
    {
        for (var at = sql.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0;
            at = sql.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var before = at == 0 ? ' ' : sql[at - 1];
            var after = at + name.Length == sql.Length ? ' ' : sql[at + name.Length];
            if (!IsPart(before) && !IsPart(after))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.';
}
