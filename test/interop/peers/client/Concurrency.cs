using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;

namespace Interop
{
    public static class Concurrency
    {
        /// <summary>
        /// So many callers at once, each with so many calls: on one channel, then on one each. Only the second when
        /// it is named: Mono's client gives an answer to whichever caller of a channel takes it first.
        /// </summary>
        public static void Concurrent(Channels channels, int callers, int calls, bool onlyOwn)
        {
            if (!onlyOwn)
            {
                IEcho shared = channels.Echo();
                Channels.Open(shared);
                Run("one-channel", callers, calls, caller => shared, channel => { });
                Report.Check("close", delegate { Channels.Close(shared); return true; });
            }
            Run("own-channels", callers, calls, caller => channels.Echo(), Channels.Close);
        }

        private static void Run(string part, int callers, int calls, Func<int, IEcho> open, Action<IEcho> close)
        {
            int done = 0, wrong = 0;
            Exception first = null;
            var start = new ManualResetEvent(false);
            var threads = new List<Thread>();
            for (int i = 0; i < callers; i++)
            {
                int caller = i;
                var thread = new Thread(delegate()
                {
                    Exception error = Report.Catch(delegate
                    {
                        start.WaitOne();
                        IEcho echo = open(caller);
                        for (int call = 0; call < calls; call++)
                        {
                            string text = caller.ToString(CultureInfo.InvariantCulture) + "/" + call.ToString(CultureInfo.InvariantCulture);
                            if (echo.Echo(text) != text) Interlocked.Increment(ref wrong);
                            Interlocked.Increment(ref done);
                        }
                        close(echo);
                    });
                    if (error != null) Interlocked.CompareExchange(ref first, error, null);
                }, 256 * 1024);
                thread.IsBackground = true;
                thread.Start();
                threads.Add(thread);
            }
            start.Set();
            foreach (Thread thread in threads) thread.Join();
            bool ok = first == null && wrong == 0 && done == callers * calls;
            Report.Line(part, ok, done, first, new JsonObject { { "wrong", wrong } });
        }
    }
}
