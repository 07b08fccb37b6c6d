using Kappa.Analyzers.Jobs;
using Microsoft.CodeAnalysis;

namespace Kappa.Analyzers.Rules;

/// <summary>What a job does not get by its topics, a replay cannot get again.</summary>
internal sealed class OutsideRule() : JobRule(
    "KAPPA005", "A job reads or writes the world outside",
    "'{0}' reaches outside the log, where a replay finds something else or does it twice. Append what is asked for to "
    + "a topic and join or look it up; read settings where the job is defined; let ToTopic speak to others.")
{
    private static readonly HashSet<string> Types =
    [
        "System.Console", "System.IO.File", "System.IO.Directory", "System.IO.FileInfo", "System.IO.DirectoryInfo",
        "System.IO.FileStream", "System.IO.FileSystemWatcher", "System.IO.DriveInfo", "System.IO.RandomAccess",
        "System.IO.MemoryMappedFiles.MemoryMappedFile", "System.IO.IsolatedStorage.IsolatedStorageFile",
        "System.Diagnostics.Process", "System.Data.Common.DbConnection", "System.Data.Common.DbCommand",
        "System.Data.Common.DbDataSource", "System.Data.IDbConnection", "System.Data.IDbCommand",
        "System.Net.Dns", "System.Net.WebClient", "System.Net.WebRequest", "System.Net.HttpListener",
        "Kappa.Log.ILog", "Kappa.Log.ISequence", "Kappa.Log.EmbeddedLog", "Kappa.Log.IFileSystem", "Kappa.Log.IFile",
    ];

    private static readonly string[] Namespaces =
        ["System.Net.Http", "System.Net.Sockets", "System.Net.WebSockets", "System.Net.Mail", "System.Net.Security",
         "System.Net.NetworkInformation", "System.Net.Quic", "System.IO.Pipes", "System.IO.Ports", "Kappa.Client",
         "Microsoft.Win32"];

    private static readonly HashSet<string> Readers = ["System.IO.StreamReader", "System.IO.StreamWriter"];

    private static readonly HashSet<string> OfMachine =
    [
        "CommandLine", "CurrentDirectory", "CurrentManagedThreadId", "ExpandEnvironmentVariables", "FailFast", "Exit",
        "GetCommandLineArgs", "GetEnvironmentVariable", "GetEnvironmentVariables", "GetFolderPath", "GetLogicalDrives",
        "MachineName", "OSVersion", "ProcessId", "ProcessPath", "ProcessorCount", "SetEnvironmentVariable",
        "StackTrace", "SystemDirectory", "UserDomainName", "UserName", "Version", "WorkingSet",
    ];

    public override void Inspect(IOperation operation, IOperation body, JobSite site)
    {
        if (Members.UsedBy(operation) is { ContainingType: { } type } member && IsOutside(type, member))
        {
            Report(site, operation, Members.Text(member));
        }
    }

    private static bool IsOutside(INamedTypeSymbol type, ISymbol member)
    {
        if (type.TypeKind is TypeKind.Enum || type.IsValueType)
        {
            return false;
        }

        if (Members.FullName(type) == "System.Environment")
        {
            return OfMachine.Contains(member.Name);
        }

        if (Readers.Contains(Members.FullName(type)))
        {
            return member is IMethodSymbol { MethodKind: MethodKind.Constructor, Parameters.Length: > 0 } made
                && made.Parameters[0].Type.SpecialType == SpecialType.System_String;
        }

        var isOutside = false;
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (Members.FullName(at) == "System.Exception")
            {
                return false;
            }

            isOutside |= Types.Contains(Members.FullName(at))
                || Namespaces.Contains(at.ContainingNamespace?.ToDisplayString());
        }

        return isOutside;
    }
}
