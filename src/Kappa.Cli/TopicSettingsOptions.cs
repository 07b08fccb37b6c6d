using System.CommandLine;
using Kappa.Client;

namespace Kappa.Cli;

/// <summary>The options of <c>kappa topics create</c> and <c>set</c> that say how a topic is kept.</summary>
internal sealed class TopicSettingsOptions
{
    private readonly Option<string?> _compression = new("--compression")
    {
        Description = "How records are stored from now on: none or brotli.",
    };

    private readonly Option<double?> _days = new("--retain-days")
    {
        Description = "Remove records that are older, by log time; 0: never.",
    };

    private readonly Option<string?> _bytes = new("--retain-bytes")
    {
        Description = "Remove the oldest records beyond so many bytes, as 10G; 0: never.",
    };

    private readonly Option<bool> _lose = new("--lose-history")
    {
        Description = "What is removed and not archived is lost, and no replay begins before it: needed once.",
    };

    public void AddTo(Command command)
    {
        command.Add(_compression);
        command.Add(_days);
        command.Add(_bytes);
        command.Add(_lose);
    }

    /// <summary>What was given; null for nothing.</summary>
    /// <exception cref="RequestFailedException">A value is none.</exception>
    public TopicSettingsRequest? Read(ParseResult parsed)
    {
        var text = parsed.GetValue(_bytes);
        var bytes = text is null ? (long?)null : ByteSize.Parse(text) ?? throw new RequestFailedException(
            0, $"'{text}' is no size.", "Write bytes as 1000000, 512K, 64M or 10G.");
        var days = parsed.GetValue(_days);
        if (days is < 0 or > 36_525 || days is { } number && !double.IsFinite(number))
        {
            throw new RequestFailedException(
                0, $"Records cannot be retained for {days} days.", "Give a number of days up to 36525; 0: for ever.");
        }

        var request = new TopicSettingsRequest(
            parsed.GetValue(_compression), bytes, days is { } time ? (long)(time * 86_400) : null,
            parsed.GetValue(_lose) ? true : null);
        return request == new TopicSettingsRequest() ? null : request;
    }
}
