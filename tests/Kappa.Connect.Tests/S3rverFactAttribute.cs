using Xunit;

namespace Kappa.Connect.Tests;

/// <summary>A test against s3rver, in the folder of npm that <c>KAPPA_S3RVER</c> names.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class S3rverFactAttribute : FactAttribute
{
    public S3rverFactAttribute()
    {
        if (!File.Exists(Program))
        {
            Skip = "KAPPA_S3RVER names no folder with s3rver: 'npm install s3rver@3.7.1' there.";
        }
    }

    public static string Program => Path.Combine(
        Environment.GetEnvironmentVariable("KAPPA_S3RVER") ?? "/nowhere", "node_modules", "s3rver", "bin",
        "s3rver.js");
}
