using System;
using System.Collections.Generic;
using System.Threading;

namespace Interop
{
    /// <summary>Sessions that last, wait, end or follow one another.</summary>
    public static class Lifetimes
    {
        /// <summary>A call, nothing for so long, a call.</summary>
        public static void Idle(Channels channels, int seconds)
        {
            IEcho echo = channels.Echo();
            Report.Check("before", delegate { return echo.Echo("before") == "before"; });
            Thread.Sleep(TimeSpan.FromSeconds(seconds));
            string state = Channels.State(echo);
            string answer = null;
            Exception error = Report.Catch(delegate { answer = echo.Echo("after"); });
            Report.Line("after", error != null || answer == "after", 1, error, new JsonObject
            {
                { "stateBefore", state },
                { "state", Channels.State(echo) },
            });
            Channels.End(echo);
        }

        /// <summary>Says when it calls, so that the reader can end one of the two meanwhile.</summary>
        public static void Slow(Channels channels, int milliseconds)
        {
            IEcho echo = channels.Echo();
            Report.Check("before", delegate { return echo.Echo("before") == "before"; });
            Report.Text("calling");
            Report.Check("slow", delegate { return echo.Slow(milliseconds) == milliseconds; });
            Report.Check("close", delegate { Channels.Close(echo); return true; });
        }

        /// <summary>Waits in a call until the service goes away. It never answers in time.</summary>
        public static void StayOpen(Channels channels)
        {
            IEcho echo = channels.Echo();
            Report.Check("before", delegate { return echo.Echo("before") == "before"; });
            Report.Text("calling");
            Exception error = Report.Catch(delegate { echo.Slow(600 * 1000); });
            Report.Line("waiting", error != null, 1, error, new JsonObject { { "state", Channels.State(echo) } });
            Channels.End(echo);
        }

        /// <summary>
        /// Sessions one after another with ADDRESS and the addresses in the parameters, several rounds. WCF's pool
        /// knows only host and port, so one TCP connection serves them all. Each service must answer for itself.
        /// </summary>
        public static void Pool(Channels channels, Options options)
        {
            var addresses = new List<string> { options.Address };
            addresses.AddRange(options.Parameters);
            const int Rounds = 10;
            int calls = 0;
            var wrong = new List<string>();
            Exception error = Report.Catch(delegate
            {
                for (int round = 0; round < Rounds; round++)
                {
                    foreach (string address in addresses)
                    {
                        IEcho echo = channels.Pooled(address);
                        string wanted = new Uri(address).AbsolutePath + (options.Exact ? "" : "/echo");
                        for (int call = 0; call < 2; call++, calls++)
                        {
                            string got = echo.WhoAmI();
                            if (got != wanted) wrong.Add("asked " + wanted + ", answered " + got);
                        }
                        Channels.Close(echo);
                    }
                }
            });
            Report.Line("", error == null && wrong.Count == 0, calls, error, new JsonObject
            {
                { "wrong", wrong.Count },
                { "examples", wrong.GetRange(0, Math.Min(5, wrong.Count)) },
            });
        }

        /// <summary>
        /// A caller for ADDRESS and one for each address in the parameters, all at once, each with a channel of its
        /// own. Each service must answer for itself.
        /// </summary>
        public static void Together(Channels channels, Options options)
        {
            int share = options.Number(0, 20);
            var addresses = new List<string> { options.Address };
            addresses.AddRange(options.Parameters.GetRange(1, options.Parameters.Count - 1));
            var threads = new List<Thread>();
            foreach (string each in addresses)
            {
                string address = each;
                string wanted = new Uri(address).AbsolutePath + (options.Exact ? "" : "/echo");
                int calls = 0;
                string wrong = null;
                var thread = new Thread(delegate()
                {
                    Exception error = Report.Catch(delegate
                    {
                        IEcho echo = channels.Echo(address);
                        for (; calls < share && wrong == null; calls++)
                        {
                            string got = echo.WhoAmI();
                            string text = wanted + calls;
                            if (got != wanted || echo.Echo(text) != text) wrong = got;
                        }
                        Channels.Close(echo);
                    });
                    Report.Line(wanted, error == null && wrong == null, calls, error, new JsonObject { { "wrong", wrong } });
                });
                thread.Start();
                threads.Add(thread);
            }
            foreach (Thread thread in threads) thread.Join();
        }
    }
}
