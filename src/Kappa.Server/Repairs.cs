using Kappa.Log;
using Kappa.Tables.Loop;

namespace Kappa.Server;

/// <summary>
/// Repairs of the log happen while no server runs; the next one to open the folder writes them into the journal, once
/// each, so that the audit trail has them (rules L7 and V3).
/// </summary>
internal static class Repairs
{
    public static async Task NoteAsync(string folder, IFileSystem files, Journal journal, CancellationToken cancel)
    {
        foreach (var (id, account) in RepairAccount.ReadAll(folder, files)
            .Where(one => !journal.Catalog.Repairs.Contains((one.Id, one.Account.At))))
        {
            await journal.AppendAsync(
                new LogRepaired(id, account.At, GivenUp(account)) { By = account.By }, cancel);
        }
    }

    // Of each partition the first offset that went; a finding without a step had nothing left to give up.
    private static Dictionary<string, long> GivenUp(RepairAccount account) => account.Findings
        .Where(found => found.Topic is not null)
        .GroupBy(found => FormattableString.Invariant($"{found.Topic}/{found.Partition}"))
        .ToDictionary(group => group.Key, group => group.Min(found => found.Offset));
}
