using System.Reflection.Emit;

namespace Kappa.Streams.Fingerprints;

/// <summary>One instruction of a method's IL: its operation and where its operand lies.</summary>
internal readonly record struct Instruction(OpCode Code, int Operand, int Length);

/// <summary>Cuts the IL of a method into instructions (ECMA-335, partition III).</summary>
internal static class Instructions
{
    private static readonly OpCode[] Short = new OpCode[256];
    private static readonly OpCode[] Long = new OpCode[256];

    static Instructions()
    {
        foreach (var field in typeof(OpCodes).GetFields())
        {
            if (field.GetValue(null) is OpCode code)
            {
                (code.Size == 1 ? Short : Long)[code.Value & 0xFF] = code;
            }
        }
    }

    public static IEnumerable<Instruction> Of(byte[] il)
    {
        for (var at = 0; at < il.Length;)
        {
            var code = il[at] == 0xFE ? Long[il[at + 1]] : Short[il[at]];
            at += code.Size;
            var length = Length(code.OperandType, il, at);
            yield return new Instruction(code, at, length);
            at += length;
        }
    }

    private static int Length(OperandType operand, byte[] il, int at) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
        _ => 4,
    };
}
