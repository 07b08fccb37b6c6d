using Kappa.Log;
using Microsoft.AspNetCore.Http;

namespace Kappa.Server.Http;

/// <summary>A switch in the query of an address: absent, true or false.</summary>
internal static class QueryFlag
{
    /// <exception cref="KappaException">It is something else.</exception>
    public static bool Read(HttpContext context, string name) => context.Request.Query[name] switch
    {
        [] => false,
        ["true"] => true,
        ["false"] => false,
        var other => throw new KappaException(
            ErrorKind.Invalid, $"{name} is '{other}'; allowed are true and false.", "Leave it out for false."),
    };
}
