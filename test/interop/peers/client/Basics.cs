using System;

namespace Interop
{
    public static class Basics
    {
        /// <summary>The client of the sample: the same calls, the same lines.</summary>
        public static void Sample(Channels channels)
        {
            ICalculator proxy = channels.Calculator();
            int calls = 0;
            Exception error = Report.Catch(delegate
            {
                Print("Add({0},{1}) = {2}", 100.00D, 15.99D, proxy.Add, ref calls);
                Print("Subtract({0},{1}) = {2}", 145.00D, 76.54D, proxy.Subtract, ref calls);
                Print("Multiply({0},{1}) = {2}", 9.00D, 81.25D, proxy.Multiply, ref calls);
                Print("Divide({0},{1}) = {2}", 22.00D, 7.00D, proxy.Divide, ref calls);
                Channels.Close(proxy);
            });
            Report.Line("", error == null && calls == 4, calls, error);
        }

        private static void Print(string line, double n1, double n2, Func<double, double, double> operation, ref int calls)
        {
            double result = operation(n1, n2);
            calls++;
            Report.Text(string.Format(line, n1, n2, result));
        }

        /// <summary>Messages a little larger than that, both ways.</summary>
        public static void Large(Channels channels, int octets)
        {
            IEcho echo = channels.Echo();
            var sent = new byte[octets];
            var random = new SplitMix(1);
            for (int i = 0; i < sent.Length; i++) sent[i] = (byte)random.Next();
            Report.Check("bytes", delegate
            {
                byte[] got = echo.EchoBytes(sent);
                return Convert.ToBase64String(got) == Convert.ToBase64String(sent);
            });
            string text = new string('x', octets - 10) + "\u20ac" + "end";
            Report.Check("text", delegate { return echo.Echo(text) == text; });
            Report.Check("reply", delegate { return echo.Fill(octets) == new string('x', octets); });
            var numbers = new double[octets / 10];
            double sum = 0;
            for (int i = 0; i < numbers.Length; i++) sum += numbers[i] = i + 0.1;
            Report.Check("array", delegate { return echo.Sum(numbers) == sum; });
            Report.Check("close", delegate { Channels.Close(echo); return true; });
        }

        public static void OneWay(Channels channels)
        {
            IEcho echo = channels.Echo();
            string text = "note " + Guid.NewGuid();
            Report.Check("note", delegate { echo.Note(text); return true; });
            Report.Check("arrived", delegate
            {
                // A one-way call ends when it is sent; the service may take it a moment later.
                for (int i = 0; i < 100; i++)
                {
                    if (echo.LastNote() == text) return true;
                    System.Threading.Thread.Sleep(20);
                }
                return false;
            });
            Report.Check("close", delegate { Channels.Close(echo); return true; });
        }
    }
}
