namespace Kappa.Client;

/// <summary>What a verb of the loop did.</summary>
/// <param name="Text">In a sentence, with what to do next.</param>
/// <param name="Versions">The versions it made, switched to or dropped.</param>
/// <param name="Place">The place at which it took effect, or null.</param>
public sealed record LoopAnswer(string Text, IReadOnlyList<string> Versions, string? Place);

/// <summary>Asks to switch readers to versions, all at once (rule V6).</summary>
/// <param name="To">Versions: <c>driving@2</c>.</param>
/// <param name="DeadlineSeconds">After so long it is given up; 1 to 86 400, default 60.</param>
/// <param name="PublishHistory">
/// Let the world hear from the first record on the outputs that no version said to it before (rule E3); default false:
/// from the switch on.
/// </param>
public sealed record SwitchRequest(
    IReadOnlyList<string> To, double DeadlineSeconds = 60, bool PublishHistory = false);

/// <summary>Asks to drop a version (rule V8).</summary>
/// <param name="Version">As <c>job@number</c>.</param>
/// <param name="Discard">
/// Do not wait until the relay has copied what the version said while it was live; default false.
/// </param>
public sealed record VersionRequest(string Version, bool Discard = false);
