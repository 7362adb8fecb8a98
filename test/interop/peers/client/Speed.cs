using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Threading;

namespace Interop
{
    /// <summary>
    /// How fast one channel is. Each line of the standard input, CALLERS MILLISECONDS, is a turn: so many threads
    /// call Add one call after another, and a line of JSON says how often they were answered. Ends with the input.
    /// </summary>
    public static class Speed
    {
        private const double A = 100, B = 15.99, Sum = 115.99;

        public static void Run(Channels channels)
        {
            ICalculator calculator = channels.Calculator();
            Channels.Open(calculator);
            string line;
            while ((line = Console.In.ReadLine()) != null)
            {
                string[] words = line.Split(' ');
                Turn(calculator, int.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture));
            }
            Channels.Close(calculator);
        }

        private static void Turn(ICalculator calculator, int callers, int milliseconds)
        {
            int calls = 0;
            Exception first = null;
            var threads = new List<Thread>();
            Stopwatch clock = Stopwatch.StartNew();
            for (int i = 0; i < callers; i++)
            {
                var thread = new Thread(delegate()
                {
                    int done = 0;
                    Exception error = Report.Catch(delegate
                    {
                        while (clock.ElapsedMilliseconds < milliseconds)
                        {
                            if (calculator.Add(A, B) != Sum) throw new InvalidOperationException("a wrong sum");
                            done++;
                        }
                    });
                    Interlocked.Add(ref calls, done);
                    if (error != null) Interlocked.CompareExchange(ref first, error, null);
                }, 256 * 1024);
                thread.IsBackground = true;
                thread.Start();
                threads.Add(thread);
            }
            foreach (Thread thread in threads) thread.Join();
            Report.Line("", first == null, calls, first, new JsonObject { { "milliseconds", clock.ElapsedMilliseconds } });
        }
    }
}
