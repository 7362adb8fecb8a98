using System;

namespace Interop
{
    /// <summary>
    /// One result, one line of JSON:
    /// {"scenario","part","ok","calls",…what the scenario adds…,"exception":null or what was caught}
    /// </summary>
    public static class Report
    {
        private static readonly object Gate = new object();
        private static bool failed;

        public static string Scenario = "";

        public static bool Failed { get { return failed; } }

        public static void Text(string line)
        {
            lock (Gate) Console.WriteLine(line);
        }

        public static void Line(string part, bool ok, int calls, Exception error, JsonObject more = null)
        {
            var line = new JsonObject { { "scenario", Scenario }, { "part", part }, { "ok", ok }, { "calls", calls } };
            if (more != null)
            {
                foreach (System.Collections.Generic.KeyValuePair<string, object> member in more) line.Add(member.Key, member.Value);
            }
            line.Add("exception", Describe.Exception(error));
            lock (Gate)
            {
                if (!ok) failed = true;
                Console.WriteLine(line.ToString());
                Console.Out.Flush();
            }
        }

        /// <summary>A part that is right when it ends without an exception and says true.</summary>
        public static void Check(string part, Func<bool> body)
        {
            Exception error = null;
            bool ok = false;
            try { ok = body(); }
            catch (Exception caught) { error = caught; }
            Line(part, ok, 1, error);
        }

        public static Exception Catch(Action body)
        {
            try { body(); return null; }
            catch (Exception caught) { return caught; }
        }
    }
}
