using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;

namespace Interop
{
    /// <summary>SplitMix64: the same numbers from the same seed in every language.</summary>
    public sealed class SplitMix
    {
        private ulong state;

        public SplitMix(ulong seed) { state = seed; }

        public ulong Next()
        {
            unchecked
            {
                ulong z = state += 0x9E3779B97F4A7C15UL;
                z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
                z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
                return z ^ (z >> 31);
            }
        }

        /// <summary>Half of them any 64 bits, the rest everyday numbers, small integers and edge values.</summary>
        public double NextDouble()
        {
            ulong kind = Next() % 8;
            ulong bits = Next();
            if (kind < 4) return BitConverter.Int64BitsToDouble(unchecked((long)bits));
            if (kind < 6) return unchecked((int)bits) / 1000.0;
            if (kind == 6) return unchecked((sbyte)bits);
            return Edges[(int)(bits % (ulong)Edges.Length)];
        }

        private static readonly double[] Edges =
        {
            0.0, -0.0, 1, -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity,
            double.MaxValue, double.MinValue, double.Epsilon, -double.Epsilon,
            BitConverter.Int64BitsToDouble(0x0010000000000000), // smallest normal
            BitConverter.Int64BitsToDouble(0x000FFFFFFFFFFFFF), // largest subnormal
            9007199254740991, 9007199254740992, 9007199254740994, -9007199254740992,
            9223372036854775808.0, -9223372036854775808.0, 18446744073709551616.0,
            2147483647, 2147483648, -2147483648, -2147483649, 32767, 32768, -32768, -32769,
            127, 128, -128, -129, 255, 256, 3.4028234663852886e38, -3.4028234663852886e38,
            1.401298464324817e-45, 0.1, 0.5, 1.5, 15.99, 1e10, 1e22, 1e23, Math.PI,
        };
    }

    /// <summary>
    /// Calls with random operands, each answer compared with the local result bit by bit. They can be spread over
    /// several channels, each with its own seed: a Mono peer answers a single caller 23 times a second at most.
    /// </summary>
    public sealed class RandomScenario
    {
        private static readonly string[] Operations = { "Add", "Subtract", "Multiply", "Divide" };

        private readonly List<string> wrong = new List<string>();
        private int done, exact, zeroSign, nanBits;
        private Exception error;

        public static void Run(Channels channels, int calls, int seed, int callers)
        {
            var scenario = new RandomScenario();
            var threads = new List<Thread>();
            for (int i = 0; i < callers; i++)
            {
                int caller = i;
                int share = calls / callers + (caller < calls % callers ? 1 : 0);
                var thread = new Thread(delegate() { scenario.Call(channels.Calculator(), share, (ulong)(seed + caller)); }, 256 * 1024);
                thread.Start();
                threads.Add(thread);
            }
            foreach (Thread thread in threads) thread.Join();
            scenario.Print();
        }

        private void Call(ICalculator calculator, int calls, ulong seed)
        {
            var random = new SplitMix(seed);
            Exception caught = Report.Catch(delegate
            {
                for (int i = 0; i < calls; i++)
                {
                    int operation = (int)(random.Next() % 4);
                    double a = random.NextDouble(), b = random.NextDouble();
                    Compare(operation, a, b, Remote(calculator, operation, a, b));
                }
                Channels.Close(calculator);
            });
            if (caught != null) Interlocked.CompareExchange(ref error, caught, null);
        }

        private void Compare(int operation, double a, double b, double got)
        {
            double wanted = Local(operation, a, b);
            lock (wrong)
            {
                done++;
                if (Bits(got) == Bits(wanted)) exact++;
                else if (double.IsNaN(got) && double.IsNaN(wanted)) nanBits++;
                else if (Bits(Positive(got)) == Bits(Positive(Local(operation, Positive(a), Positive(b))))) zeroSign++;
                else wrong.Add(Operations[operation] + "(" + Hex(a) + "," + Hex(b) + ") = " + Hex(got) + ", wanted " + Hex(wanted));
            }
        }

        private void Print()
        {
            Report.Line("", error == null && wrong.Count == 0, done, error, new JsonObject
            {
                { "exact", exact },
                // Right but for the sign of a zero, in an operand or in the result.
                { "zeroSign", zeroSign },
                // Both are NaN, with another payload or sign.
                { "nanBits", nanBits },
                { "wrong", wrong.Count },
                { "examples", wrong.GetRange(0, Math.Min(5, wrong.Count)) },
            });
        }

        private static double Remote(ICalculator calculator, int operation, double a, double b)
        {
            switch (operation)
            {
                case 0: return calculator.Add(a, b);
                case 1: return calculator.Subtract(a, b);
                case 2: return calculator.Multiply(a, b);
                default: return calculator.Divide(a, b);
            }
        }

        private static double Local(int operation, double a, double b)
        {
            switch (operation)
            {
                case 0: return a + b;
                case 1: return a - b;
                case 2: return a * b;
                default: return a / b;
            }
        }

        private static long Bits(double value) { return BitConverter.DoubleToInt64Bits(value); }

        /// <summary>Not "value + 0.0", which is right too: Mono takes it for "value".</summary>
        private static double Positive(double value) { return value == 0 ? 0.0 : value; }

        private static string Hex(double value) { return Bits(value).ToString("x16", CultureInfo.InvariantCulture); }
    }
}
