using System;
using System.Net;
using System.Net.Sockets;

namespace Interop
{
    /// <summary>
    /// What a caller sees when something goes wrong. "ok" says only that an exception was seen where one must be;
    /// whether it is the right one is for the reader of the lines to compare. "state" is the channel's afterwards,
    /// "next" what a further call on the same channel gives.
    /// </summary>
    public static class Failures
    {
        public static void OverQuota(Channels channels, int octets)
        {
            Failing(channels, "request", echo => echo.Echo(new string('x', octets)));
            Failing(channels, "reply", echo => echo.Fill(octets));
            IEcho fresh = channels.Echo();
            Report.Check("fresh-channel", delegate { return fresh.Echo("still there") == "still there"; });
            Channels.End(fresh);
        }

        public static void Exceptions(Channels channels)
        {
            foreach (string kind in new[] { "plain", "nested", "fault", "code", "subcode", "string", "object" })
            {
                string name = kind;
                Failing(channels, name, echo => echo.Fail(name));
            }
            IEcho fresh = channels.Echo();
            Report.Check("none", delegate { return fresh.Fail("none") == "none"; });
            Channels.End(fresh);
        }

        /// <summary>An address on the same port at which nothing is.</summary>
        public static void WrongNumber(Channels channels, Options options)
        {
            var address = new Uri(options.Address);
            NoAnswer(channels, address.GetLeftPart(UriPartial.Authority) + "/no/such/number");
        }

        /// <summary>A service that is not there any more, or does not answer.</summary>
        public static void NoAnswer(Channels channels, string wrong)
        {
            Failing("", () => channels.Echo(wrong), echo => echo.Echo("anyone?"));
        }

        /// <summary>A port at which nothing listens.</summary>
        public static void Refused(Channels channels)
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            int port = ((IPEndPoint)listener.LocalEndpoint).Port;
            listener.Stop();
            Failing("", () => channels.Echo("net.tcp://127.0.0.1:" + port + "/nobody"), echo => echo.Echo("anyone?"));
        }

        /// <summary>As the first message of a session, and as a later one: WCF answers the two differently.</summary>
        public static void UnknownOperation(Channels channels)
        {
            foreach (string part in new[] { "first", "later" })
            {
                INewerCalculator newer = channels.NewerCalculator();
                Exception before = null;
                if (part == "later") before = Report.Catch(delegate { newer.Add(1, 2); });
                Exception error = Report.Catch(delegate { newer.Power(2, 3); });
                string state = Channels.State(newer);
                Exception next = Report.Catch(delegate { newer.Add(1, 2); });
                Report.Line(part, error != null && before == null, 1, error, After(state, next));
                Channels.End(newer);
            }
        }

        /// <summary>The answer comes later than the caller's SendTimeout, one second.</summary>
        public static void NoReply(Channels channels)
        {
            Failing("", () => channels.Echo(channels.MakeBinding(TimeSpan.FromSeconds(1))), echo => echo.Slow(3000));
        }

        private static void Failing(Channels channels, string part, Action<IEcho> call)
        {
            Failing(part, () => channels.Echo(), call);
        }

        private static void Failing(string part, Func<IEcho> open, Action<IEcho> call)
        {
            IEcho echo = null;
            // Mono connects when the channel is made.
            Exception error = Report.Catch(delegate { echo = open(); });
            if (echo == null)
            {
                Report.Line(part, true, 0, error, After("", null));
                return;
            }
            error = Report.Catch(delegate { call(echo); });
            string state = Channels.State(echo);
            Exception next = Report.Catch(delegate { echo.Echo("next"); });
            Report.Line(part, error != null, 1, error, After(state, next));
            Channels.End(echo);
        }

        private static JsonObject After(string state, Exception next)
        {
            return new JsonObject { { "state", state }, { "next", Describe.Exception(next) } };
        }
    }
}
