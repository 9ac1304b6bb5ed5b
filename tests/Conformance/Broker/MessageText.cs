using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>A message as indented text, one field a line.</summary>
internal static class MessageText
{
    /// <param name="shown">Turns a field into its text; null: the usual one. It gets the type that has the field, its name and value.</param>
    public static string Of(IMessage message, Func<Type, string, object?, string?>? shown = null)
    {
        StringBuilder text = new();
        Write(text, message, 0, shown ?? ((_, _, _) => null));
        return text.ToString();
    }

    private static void Write(StringBuilder text, IMessage message, int depth, Func<Type, string, object?, string?> shown)
    {
        foreach (FieldInfo field in message.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public))
        {
            object? value = field.GetValue(message);
            text.Append(' ', depth * 2).Append(field.Name).Append(": ");
            if (shown(message.GetType(), field.Name, value) is { } special)
                text.AppendLine(special);
            else if (value is IMessage[] items)
            {
                text.Append('[').Append(items.Length).AppendLine("]");
                for (int index = 0; index < items.Length; index++)
                {
                    if (index > 0)
                        text.Append(' ', depth * 2 + 2).AppendLine("-");
                    Write(text, items[index], depth + 1, shown);
                }
            }
            else
                text.AppendLine(Scalar(value));
        }
    }

    private static string Scalar(object? value) => value switch
    {
        null => "null",
        byte[] bytes => Convert.ToHexString(bytes),
        ReadOnlyMemory<byte> records => Convert.ToHexString(records.Span),
        string words => $"\"{words}\"",
        IEnumerable many => $"[{string.Join(", ", many.Cast<object?>().Select(Scalar))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
