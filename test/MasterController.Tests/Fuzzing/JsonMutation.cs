using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MasterController.Tests.Fuzzing;

/// <summary>Spoils valid JSON: members dropped, doubled, misspelt, of another kind, nested, huge, odd.</summary>
internal static class JsonMutation
{
    private static readonly string[] _values =
    [
        "null",
        "true",
        "0",
        "-1",
        "1e400",
        "-0.0",
        "99999999999999999999999999",
        "2147483648",
        "1.5",
        "\"\"",
        "\" \"",
        "\"a\\u0000b\"",
        "\"\\ud800\"",
        "\"\\udc00x\"",
        "\"\u202e\ud83d\ude80\u00e9\"",
        "\"../../etc/passwd\"",
        "\"10.0.0.0/8\"",
        "\"%s%n' OR 1=1;--\"",
        "[]",
        "{}",
        "[null]",
        "[[[[[[]]]]]]",
        "{\"a\":{\"b\":[{\"c\":1}]}}",
        "{\"\":\"\"}",
        "{\"\\ud800\":1}",
    ];

    public static byte[] Of(string sample, int seed)
    {
        var random = new Random(seed);
        var text = sample;
        for (var times = random.Next(1, 4); times > 0; times--)
            text = Once(text, random);
        var bytes = Encoding.UTF8.GetBytes(text);
        if (random.Next(12) == 0 && bytes.Length > 0)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        if (random.Next(25) == 0)
            bytes = bytes[..random.Next(bytes.Length + 1)];
        return bytes;
    }

    private static string Once(string text, Random random)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return text;
        }
        catch (ArgumentException)
        {
            // Members that are there twice by now.
            return text;
        }
        var places = Places(text, root).ToArray();
        if (places.Length == 0)
            return Pick(_values, random);
        var (start, end) = places[random.Next(places.Length)];
        var value = text[start..end];
        return random.Next(8) switch
        {
            0 or 1 or 2 => text[..start] + Pick(_values, random) + text[end..],
            3 => text[..start] + "[" + value + "]" + text[end..],
            4 => text[..start] + "{\"x\":" + value + "}" + text[end..],
            5 => text[..start] + value + ",\"name\":" + Pick(_values, random) + text[end..],
            6 => text[..start] + new string('[', 70) + new string(']', 70) + text[end..],
            _ => text[..start] + "\"" + new string('x', random.Next(2_000)) + "\"" + text[end..],
        };
    }

    /// <summary>Where the values of a text are: each is written somewhere behind a colon, a comma or a bracket.</summary>
    private static IEnumerable<(int Start, int End)> Places(string text, JsonNode? node)
    {
        yield return (0, text.Length);
        var reader = new List<(int, int)>();
        Collect(Encoding.UTF8.GetBytes(text), reader);
        // Offsets are of bytes: those of a text that is not ASCII cannot be used for characters.
        if (node is null || text.Any(c => c > 127))
            yield break;
        foreach (var place in reader)
            yield return place;
    }

    private static void Collect(byte[] bytes, List<(int, int)> places)
    {
        var reader = new Utf8JsonReader(bytes);
        Stack<int> open = [];
        try
        {
            while (reader.Read())
            {
                var start = (int)reader.TokenStartIndex;
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartArray or JsonTokenType.StartObject:
                        open.Push(start);
                        break;
                    case JsonTokenType.EndArray or JsonTokenType.EndObject:
                        places.Add((open.Pop(), (int)reader.BytesConsumed));
                        break;
                    case JsonTokenType.PropertyName:
                        break;
                    default:
                        places.Add((start, (int)reader.BytesConsumed));
                        break;
                }
            }
        }
        catch (JsonException)
        {
            // Spoilt before: what was found until there will do.
        }
    }

    private static string Pick(string[] values, Random random) => values[random.Next(values.Length)];
}
