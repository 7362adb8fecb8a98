using System;
using System.Globalization;
using System.Linq;

namespace Interop
{
    /// <summary>Every type of the second contract, there and back.</summary>
    public static class Types
    {
        public static void Run(Channels channels)
        {
            IEcho echo = channels.Echo();
            All("boolean", new[] { true, false }, value => echo.Flip(value) == !value);
            All("int", new[] { 0, 1, -1, 127, 128, -128, -129, 32767, 32768, -32768, -32769, int.MaxValue, int.MinValue },
                value => echo.EchoInt(value) == value);
            All("long", new[] { 0L, 1L, -1L, 2147483648L, -2147483649L, 9007199254740993L, long.MaxValue, long.MinValue },
                value => echo.EchoLong(value) == value);
            All("decimal", new[] { 0m, 1m, -1m, 15.99m, 1.10m, -0.0000000000000000000000000001m, decimal.MaxValue, decimal.MinValue },
                value => Text(echo.EchoDecimal(value)) == Text(value));
            All("dateTime", new[]
                {
                    new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc),
                    new DateTime(2026, 2, 28, 23, 59, 59, 999, DateTimeKind.Utc),
                    new DateTime(2020, 6, 1, 12, 0, 0, DateTimeKind.Local),
                    new DateTime(1969, 12, 31, 23, 59, 59, DateTimeKind.Unspecified),
                },
                value => echo.EchoDateTime(value) == value && echo.EchoDateTime(value).Kind == value.Kind);
            All("dateTime-ends", new[] { DateTime.MinValue, DateTime.MaxValue, new DateTime(637134336000000001L, DateTimeKind.Utc) },
                value => echo.EchoDateTime(value) == value);
            All("duration", new[]
                {
                    TimeSpan.Zero, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(-1.5), TimeSpan.FromTicks(1),
                    TimeSpan.FromDays(400), TimeSpan.MaxValue, TimeSpan.MinValue,
                },
                value => echo.EchoTimeSpan(value) == value);
            All("guid", new[] { Guid.Empty, new Guid("11223344-5566-7788-99aa-bbccddeeff00") }, value => echo.EchoGuid(value) == value);
            All("bytes", new[] { new byte[0], new byte[] { 0 }, Enumerable.Range(0, 256).Select(i => (byte)i).ToArray() },
                value => echo.EchoBytes(value).SequenceEqual(value));
            All("bytes-null", new byte[][] { null }, value => echo.EchoBytes(value) == null);
            All("string", new[] { "", "0", "1", "text", "  spaces  " }, value => echo.Echo(value) == value);
            All("string-null", new string[] { null }, value => echo.EchoNullable(value) == null);
            All("array", new[] { new double[0], new[] { 1.5 }, new[] { 0.1, 0.2, 1e300 }, Enumerable.Range(0, 100).Select(i => i / 8.0).ToArray() },
                value => echo.Sum(value) == Sum(value));
            All("object", new[] { new Pair { A = "1.5", B = -2.25 }, new Pair { A = "0", B = 0.1 } }, value =>
            {
                Pair swapped = echo.Swap(value);
                return swapped.A == value.B.ToString("R", CultureInfo.InvariantCulture)
                    && swapped.B == double.Parse(value.A, CultureInfo.InvariantCulture);
            });
            Report.Check("close", delegate { Channels.Close(echo); return true; });
        }

        private static void All<T>(string part, T[] values, Func<T, bool> isRight)
        {
            int calls = 0;
            string wrong = null;
            Exception error = Report.Catch(delegate
            {
                foreach (T value in values)
                {
                    calls++;
                    if (!isRight(value) && wrong == null) wrong = Convert.ToString(value, CultureInfo.InvariantCulture);
                }
            });
            Report.Line(part, error == null && wrong == null, calls, error, new JsonObject { { "wrong", wrong } });
        }

        private static string Text(decimal value) { return value.ToString(CultureInfo.InvariantCulture); }

        private static double Sum(double[] values)
        {
            double sum = 0;
            foreach (double value in values) sum += value;
            return sum;
        }
    }
}
