using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.ServiceModel;
using System.ServiceModel.Channels;

namespace Interop
{
    /// <summary>Values that say their own type, headers, a second contract at an address, and streams.</summary>
    public static class Carried
    {
        /// <summary>Bytes: none, one, around one block of ours and of .NET's, and many blocks.</summary>
        private static readonly int[] Lengths = { 0, 1, 4095, 4096, 65535, 65536, 65537, 1000000 };

        /// <param name="plain">Without objects: Mono takes no known types from a contract.</param>
        public static void Any(Channels channels, bool plain)
        {
            IEcho echo = channels.Echo();
            var values = new object[]
            {
                true, false, 0, -1, int.MinValue, int.MaxValue, 2147483648L, long.MinValue, long.MaxValue, (byte)255, sbyte.MinValue, short.MinValue,
                ushort.MaxValue, uint.MaxValue, ulong.MaxValue, 0.5, double.NaN, double.NegativeInfinity, double.MaxValue, double.Epsilon, 1.5f,
                float.MaxValue, 1.50m, decimal.MinValue, "", "text", "\u00e9\ud83d\ude00", 'x', '\uffff', Guid.Empty, TimeSpan.MinValue, TimeSpan.Zero,
                new DateTime(2026, 11, 28, 12, 0, 0, DateTimeKind.Utc), new DateTime(1L, DateTimeKind.Unspecified), DateTime.MaxValue,
            };
            foreach (object value in values.Concat(new object[] { null }))
            {
                object sent = value;
                string name = sent == null ? "null" : sent.GetType().Name + " " + Array.IndexOf(values, value);
                Report.Check(name, delegate
                {
                    object got = echo.EchoAny(sent);
                    return sent == null ? got == null : got != null && got.GetType() == sent.GetType() && got.Equals(sent)
                        && (!(sent is decimal) || Text(got) == Text(sent));
                });
            }
            Report.Check("bytes", delegate { return ((byte[])echo.EchoAny(new byte[] { 0, 255 })).SequenceEqual(new byte[] { 0, 255 }); });
            Report.Check("uri", delegate { return ((Uri)echo.EchoAny(new Uri("http://a/b?c#d"))).OriginalString == "http://a/b?c#d"; });
            if (!plain) Objects(echo);
            Report.Check("close", delegate { Channels.Close(echo); return true; });
        }

        private static void Objects(IEcho echo)
        {
            Report.Check("object", delegate { return ((Customer)echo.EchoAny(new Customer { Id = 2, Name = null })).Id == 2; });
            Report.Check("derived", delegate { return ((Circle)echo.EchoAny(new Circle { Label = "c", Radius = 2 })).Radius == 2; });
            Report.Check("enumeration", delegate { return Status.Sent.Equals(echo.EchoAny(Status.Sent)); });
            Report.Check("flags", delegate { return (Rights.Read | Rights.Admin).Equals(echo.EchoAny(Rights.Read | Rights.Admin)); });
            Report.Check("array", delegate { return ((int[])echo.EchoAny(new[] { 1, -2 })).SequenceEqual(new[] { 1, -2 }); });
            Report.Check("no items", delegate { return ((int[])echo.EchoAny(new int[0])).Length == 0; });
            Report.Check("array of objects", delegate
            {
                var got = (Customer[])echo.EchoAny(new[] { new Customer { Id = 3 }, null });
                return got.Length == 2 && got[0].Id == 3 && got[1] == null;
            });
            Report.Check("dictionary", delegate
            {
                var got = (Dictionary<string, int>)echo.EchoAny(new Dictionary<string, int> { { "a", 1 }, { "", 2 } });
                return got.Count == 2 && got["a"] == 1 && got[""] == 2;
            });
        }

        /// <param name="plain">What Mono's client can: it hides the headers of answers.</param>
        public static void Headers(Channels channels, bool plain)
        {
            IEcho echo = channels.Echo();
            Report.Check("none", delegate
            {
                using (new OperationContextScope((IContextChannel)echo))
                {
                    return echo.TellHeaders() == null && (plain || (Answer<int>("Length") == -1 && Answered("Who") < 0));
                }
            });
            foreach (string token in new[] { "t", "", "<&>\"'\u00e9\ud83d\ude00", new string('x', 8000) })
            {
                string sent = token;
                Report.Check("text of " + token.Length, delegate { return Told(echo, sent, new Customer { Id = 7, Name = "Ann" }, plain); });
            }
            Report.Check("an object without a name", delegate { return Told(echo, "t", new Customer { Id = int.MinValue }, plain); });
            if (!plain)
            {
                Report.Check("must-understand", delegate
                {
                    using (new OperationContextScope((IContextChannel)echo))
                    {
                        OperationContext.Current.OutgoingMessageHeaders.Add(MessageHeader.CreateHeader("Strange", Names.Echo, 1, true));
                        return Report.Catch(delegate { echo.TellHeaders(); }) is CommunicationException;
                    }
                });
            }
            IEcho fresh = channels.Echo();
            Report.Check("afterwards", delegate { return fresh.TellHeaders() == null; });
            Report.Check("close", delegate { Channels.Close(fresh); Channels.End(echo); return true; });
        }

        public static void Several(Channels channels)
        {
            IEcho echo = channels.Echo();
            IAside aside = channels.Aside();
            Report.Check("both", delegate { return echo.Echo("e") == "e" && aside.Aside("a") == "aside: a" && echo.Echo("f") == "f"; });
            Report.Check("ends", delegate { return aside.Aside(null) == "aside: " && aside.Aside("") == "aside: "; });
            Report.Check("one-goes", delegate { Channels.Close(aside); return echo.Echo("g") == "g"; });
            Report.Check("close", delegate { Channels.Close(echo); return true; });
        }

        public static void Streams(Channels channels)
        {
            IFiles files = channels.Files();
            foreach (int each in Lengths)
            {
                int length = each;
                long sum = Bytes.Sum(new Bytes(length));
                Report.Check("up of " + length, delegate { return files.Sum(new Bytes(length)) == sum; });
                Report.Check("down of " + length, delegate { using (Stream got = files.Counting(length)) return IsCounting(got, length, 0); });
                Report.Check("both of " + length, delegate { using (Stream got = files.Next(new Bytes(length))) return IsCounting(got, length, 1); });
            }
            Report.Check("no-more-wanted", delegate
            {
                using (Stream got = files.Counting(1000000)) return got.ReadByte() == 0 && got.ReadByte() == 1;
            });
            Report.Check("afterwards", delegate { return files.Sum(new Bytes(3)) == 3; });
            Report.Check("close", delegate { Channels.Close(files); return true; });
        }

        private static bool IsCounting(Stream data, int length, int first)
        {
            var buffer = new byte[3000];
            int count = 0;
            for (int read; (read = data.Read(buffer, 0, buffer.Length)) > 0;)
            {
                for (int i = 0; i < read; i++)
                {
                    if (buffer[i] != (byte)(first + count++)) return false;
                }
            }
            return count == length;
        }

        private static bool Told(IEcho echo, string token, Customer who, bool plain)
        {
            using (new OperationContextScope((IContextChannel)echo))
            {
                MessageHeaders asked = OperationContext.Current.OutgoingMessageHeaders;
                asked.Add(MessageHeader.CreateHeader("Token", Names.Echo, token));
                asked.Add(MessageHeader.CreateHeader("Who", Names.Echo, who));
                if (plain) return echo.TellHeaders() == token;
                bool isRight = echo.TellHeaders() == token && Answer<int>("Length") == token.Length;
                var got = Answer<Customer>("Who");
                return isRight && got.Id == who.Id && got.Name == who.Name;
            }
        }

        private static int Answered(string name) { return OperationContext.Current.IncomingMessageHeaders.FindHeader(name, Names.Echo); }

        private static T Answer<T>(string name) { return OperationContext.Current.IncomingMessageHeaders.GetHeader<T>(name, Names.Echo); }

        private static string Text(object value) { return Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture); }
    }
}
