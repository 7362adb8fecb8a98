using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Interop
{
    /// <summary>Strings with every kind of character. A part may fail as a whole; the rest goes on with a new channel.</summary>
    public static class Strings
    {
        private static IEcho echo;

        public static void Run(Channels channels)
        {
            echo = channels.Echo();
            Same(channels, "ascii", Enumerable.Range(0x20, 0x5f).Select(i => ((char)i).ToString()));
            Same(channels, "bmp", Bmp());
            Same(channels, "astral", Astral());
            Same(channels, "combining", new[]
            {
                "e\u0301 \u00e9", "\u1112\u1161\u11ab \ud55c", "a\u0300\u0316\u0334\u035f", "\u0301alone first",
                "\ud83d\udc69\u200d\ud83d\ude80", "\ud83c\udde9\ud83c\uddea", "\u202eright to left\u202c", "\ufeffmark",
            });
            Same(channels, "markup", new[] { "<a>&amp;</a>", "]]>", "\"'", "&#x41;", "<!-- -->", "<?x?>" });
            Same(channels, "whitespace", new[] { "", " ", "  a  ", "\t", "\n", " \t\n ", "a\nb" });
            Same(channels, "carriage-return", new[] { "\r", "\r\n", "a\rb" });
            Same(channels, "numbers", new[] { "0", "1", "00", "-0", "true", "false", "NaN", "INF" });
            Same(channels, "long", new[] { 127, 128, 255, 256, 8191 }.Select(n => new string('\u00e4', n / 2) + new string('x', n - n / 2)));
            foreach (int control in Enumerable.Range(0, 0x20).Where(i => i != 9 && i != 10 && i != 13))
                Same(channels, "control-" + control.ToString("x2", CultureInfo.InvariantCulture), new[] { "a" + (char)control + "b" });
            Same(channels, "control-7f-9f", Enumerable.Range(0x7f, 0x21).Select(i => "a" + (char)i + "b"));
            Same(channels, "nonchar-fffe", new[] { "a\ufffeb" });
            Same(channels, "nonchar-ffff", new[] { "a\uffffb" });
            Same(channels, "lone-high", new[] { "a\ud800b" });
            Same(channels, "lone-low", new[] { "a\udc00b" });
            Report.Check("close", delegate { Channels.Close(echo); return true; });
        }

        private static void Same(Channels channels, string part, IEnumerable<string> texts)
        {
            int calls = 0;
            string sent = null, got = null;
            Exception error = Report.Catch(delegate
            {
                foreach (string text in texts)
                {
                    calls++;
                    string answer = echo.Echo(text);
                    if (answer == text || sent != null) continue;
                    sent = Around(text, answer);
                    got = Around(answer, text);
                }
            });
            Report.Line(part, error == null && sent == null, calls, error, new JsonObject { { "sent", sent }, { "got", got } });
            if (error == null) return;
            Channels.End(echo);
            echo = channels.Echo();
        }

        /// <summary>The first place where the two differ, with what follows.</summary>
        private static string Around(string text, string other)
        {
            if (text == null) return null;
            int i = 0;
            while (other != null && i < text.Length && i < other.Length && text[i] == other[i]) i++;
            return text.Substring(i, Math.Min(8, text.Length - i));
        }

        /// <summary>All of the basic plane that XML 1.0 allows, 256 characters at a time.</summary>
        private static IEnumerable<string> Bmp()
        {
            for (int row = 0; row < 0x10000; row += 0x100)
            {
                var text = new StringBuilder();
                for (int c = row; c < row + 0x100; c++)
                {
                    bool allowed = c == 9 || c == 10 || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd);
                    if (allowed) text.Append((char)c);
                }
                if (text.Length > 0) yield return text.ToString();
            }
        }

        /// <summary>The first, the last and some between of every plane above.</summary>
        private static IEnumerable<string> Astral()
        {
            for (int plane = 1; plane <= 16; plane++)
            {
                var text = new StringBuilder();
                for (int c = plane << 16; c < (plane + 1) << 16; c += 0x1fd) text.Append(char.ConvertFromUtf32(c));
                text.Append(char.ConvertFromUtf32((plane << 16) + 0xfffd));
                yield return text.ToString();
            }
        }
    }
}
