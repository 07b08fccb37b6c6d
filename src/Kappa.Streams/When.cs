using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Kappa.Log;

namespace Kappa.Streams;

/// <summary>Tells by a record's own bytes whether it is of an older shape (docs/guides/evolution.md).</summary>
public sealed class When
{
    private readonly Kind _kind;
    private readonly string _name;
    private readonly byte[] _utf8;
    private readonly object? _value;
    private readonly Func<ReadOnlySpan<byte>, bool>? _holds;

    private When(Kind kind, string name, object? value, Func<ReadOnlySpan<byte>, bool>? holds = null)
    {
        _kind = kind;
        _name = name;
        _utf8 = Encoding.UTF8.GetBytes(name);
        _value = value;
        _holds = holds;
    }

    private enum Kind
    {
        Missing,
        Has,
        Is,
        Header,
        Bytes,
    }

    /// <summary>The JSON object has no property of this name, compared without case.</summary>
    public static When Missing(string property) => new(Kind.Missing, Given(property), null);

    /// <summary>The JSON object has a property of this name, compared without case, also where it is null.</summary>
    public static When Has(string property) => new(Kind.Has, Given(property), null);

    /// <summary>The JSON object has a property of this name with this text.</summary>
    public static When Is(string property, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(Kind.Is, Given(property), value);
    }

    /// <summary>The JSON object has a property of this name with this whole number.</summary>
    public static When Is(string property, long value) => new(Kind.Is, Given(property), value);

    /// <summary>The record's first header of this name has this text as its value.</summary>
    public static When Header(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(Kind.Header, Given(name), value);
    }

    /// <summary>A predicate of the record's value holds. It is part of the fingerprint, and pure.</summary>
    public static When Bytes(Func<ReadOnlySpan<byte>, bool> holds)
    {
        ArgumentNullException.ThrowIfNull(holds);
        return new(Kind.Bytes, "", null, holds);
    }

    /// <summary>What must hold, as fingerprints and errors have it.</summary>
    public override string ToString() => _kind switch
    {
        Kind.Missing => $"'{Shown(_name)}' is missing",
        Kind.Has => $"'{Shown(_name)}' is there",
        Kind.Is when _value is string text => $"'{Shown(_name)}' is \"{Shown(text)}\"",
        Kind.Is => string.Create(CultureInfo.InvariantCulture, $"'{Shown(_name)}' is {_value}"),
        Kind.Header => $"header '{Shown(_name)}' is \"{Shown((string)_value!)}\"",
        _ => "a predicate holds",
    };

    /// <summary>The user's predicate; null for none.</summary>
    internal Delegate? Predicate => _holds;

    /// <summary>Does it ask for a property of a JSON object?</summary>
    internal bool AsksJson => _kind is Kind.Missing or Kind.Has or Kind.Is;

    internal bool Holds(in Record record) => _kind switch
    {
        Kind.Header => record.TryGetHeader(_utf8, out var value)
            && value.SequenceEqual(Encoding.UTF8.GetBytes((string)_value!)),
        Kind.Bytes => _holds!(record.Value),
        _ => HoldsInJson(record.Value),
    };

    /// <summary>On one line, whatever is in it.</summary>
    private static string Shown(string text) =>
        JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();

    private static string Given(string name) => string.IsNullOrEmpty(name)
        ? throw new KappaException(
            ErrorKind.Invalid, "A condition of an upcast names no property and no header.",
            "Write the name as it stands in the records, for example When.Missing(\"currency\").")
        : name;

    /// <summary>What is no JSON object is of no older shape: today's codec says what is wrong with it.</summary>
    private bool HoldsInJson(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        var found = false;
        var holds = false;
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isIt = IsName(ref reader);
                reader.Read();
                if (isIt)
                {
                    // Of a name that comes twice the last one counts, as everywhere.
                    found = true;
                    holds = _kind == Kind.Is && IsValue(ref reader);
                }

                reader.Skip();
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return false;
        }

        return _kind switch { Kind.Missing => !found, Kind.Has => found, _ => holds };
    }

    private bool IsName(ref Utf8JsonReader reader) => reader.ValueIsEscaped || !Ascii.IsValid(reader.ValueSpan)
        ? string.Equals(reader.GetString(), _name, StringComparison.OrdinalIgnoreCase)
        : Ascii.EqualsIgnoreCase(reader.ValueSpan, _utf8);

    private bool IsValue(ref Utf8JsonReader reader) => _value is string text
        ? reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(text)
        : reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) && number == (long)_value!;
}
