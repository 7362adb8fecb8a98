using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Interop
{
    /// <summary>An object whose members are printed in the order in which they were added.</summary>
    public sealed class JsonObject : IEnumerable
    {
        private readonly List<KeyValuePair<string, object>> members = new List<KeyValuePair<string, object>>();

        public void Add(string name, object value)
        {
            members.Add(new KeyValuePair<string, object>(name, value));
        }

        public IEnumerator GetEnumerator() { return members.GetEnumerator(); }

        public override string ToString()
        {
            var text = new StringBuilder();
            Write(text, this);
            return text.ToString();
        }

        private static void Write(StringBuilder text, object value)
        {
            var list = value as IEnumerable<string>;
            if (value == null) text.Append("null");
            else if (value is bool) text.Append((bool)value ? "true" : "false");
            else if (value is int || value is long) text.Append(Convert.ToString(value, CultureInfo.InvariantCulture));
            else if (value is JsonObject) WriteObject(text, (JsonObject)value);
            else if (value is string) WriteString(text, (string)value);
            else if (list != null)
            {
                text.Append('[');
                foreach (string item in list)
                {
                    if (text[text.Length - 1] != '[') text.Append(',');
                    WriteString(text, item);
                }
                text.Append(']');
            }
            else throw new ArgumentException("cannot print a " + value.GetType());
        }

        private static void WriteObject(StringBuilder text, JsonObject value)
        {
            text.Append('{');
            for (int i = 0; i < value.members.Count; i++)
            {
                if (i > 0) text.Append(',');
                WriteString(text, value.members[i].Key);
                text.Append(':');
                Write(text, value.members[i].Value);
            }
            text.Append('}');
        }

        private static void WriteString(StringBuilder text, string value)
        {
            text.Append('"');
            foreach (char c in value)
            {
                if (c == '"' || c == '\\') text.Append('\\').Append(c);
                // Everything else that is not plain ASCII is escaped: no console encoding can spoil it.
                else if (c < ' ' || c > '~') text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                else text.Append(c);
            }
            text.Append('"');
        }
    }
}
