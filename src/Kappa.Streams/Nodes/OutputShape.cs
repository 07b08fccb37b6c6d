using Kappa.Log;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Nodes;

/// <summary>What an output is called, and what can be wrong with its name and address.</summary>
internal static class OutputShape
{
    public static string KindOf(VersionOutput output) => output.Webhook is null ? "ToTopic" : "ToWebhook";

    public static string Describe(VersionOutput output) =>
        "topic " + output.Topic + (output.Webhook is null ? "" : " url " + output.Webhook);

    /// <summary>The output of a name, to a topic alone or to a webhook as well.</summary>
    public static VersionOutput Of(Flow flow, string name, Uri? webhook)
    {
        Names.Check("topic", name);
        if (webhook is not null && WrongWith(webhook) is { } wrong)
        {
            throw flow.Wrong(
                $"the address of webhook '{name}' {wrong}.", "Give an address such as https://example.com/alerts.");
        }

        return new VersionOutput(name, webhook?.AbsoluteUri);
    }

    /// <summary>What is wrong with the address of a webhook, or null.</summary>
    private static string? WrongWith(Uri address) =>
        !address.IsAbsoluteUri || address.Scheme is not ("http" or "https")
            ? $"is '{address}', which begins with neither http:// nor https://"
            : address.UserInfo.Length > 0 ? "holds a user name or a password, which would be stored and shown" : null;
}
