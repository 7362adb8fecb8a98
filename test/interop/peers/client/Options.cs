using System;
using System.Collections.Generic;
using System.Globalization;

namespace Interop
{
    /// <summary>client ADDRESS SCENARIO [PARAMETER...] [--streamed] [--max-message OCTETS] [--timeout SECONDS] [--exact]</summary>
    public sealed class Options
    {
        public string Address;
        public string Scenario;
        public readonly List<string> Parameters = new List<string>();
        public bool Streamed;

        /// <summary>Largest message taken, 0 for the binding's default (65536).</summary>
        public int MaxMessage;

        public TimeSpan Timeout = TimeSpan.FromSeconds(20);

        /// <summary>ADDRESS is the endpoint itself: nothing is put after it.</summary>
        public bool Exact;

        public static Options Parse(string[] arguments)
        {
            var options = new Options();
            var words = new List<string>();
            for (int i = 0; i < arguments.Length; i++)
            {
                switch (arguments[i])
                {
                    case "--streamed":
                        options.Streamed = true;
                        break;
                    case "--exact":
                        options.Exact = true;
                        break;
                    case "--max-message":
                        options.MaxMessage = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
                        break;
                    case "--timeout":
                        options.Timeout = TimeSpan.FromSeconds(double.Parse(arguments[++i], CultureInfo.InvariantCulture));
                        break;
                    default:
                        if (arguments[i].StartsWith("--", StringComparison.Ordinal))
                            throw new ArgumentException("no such option: " + arguments[i]);
                        words.Add(arguments[i]);
                        break;
                }
            }
            if (words.Count < 2) throw new ArgumentException("wanted: ADDRESS SCENARIO [PARAMETER...]");
            options.Address = words[0];
            options.Scenario = words[1];
            options.Parameters.AddRange(words.GetRange(2, words.Count - 2));
            return options;
        }

        public int Number(int index, int otherwise)
        {
            return index < Parameters.Count ? int.Parse(Parameters[index], CultureInfo.InvariantCulture) : otherwise;
        }
    }
}
