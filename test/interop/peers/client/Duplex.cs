using System;
using System.Collections.Generic;
using System.Linq;
using System.ServiceModel;
using System.Threading;
using System.Threading.Tasks;

namespace Interop
{
    /// <summary>Callbacks, and sessions that begin and end with certain operations.</summary>
    public static class Duplex
    {
        public static void Callbacks(Channels channels, bool plain)
        {
            var listener = new Listener();
            INews news = channels.News(listener);
            Report.Check("within-the-first-call", delegate { return news.AskBack("q") == "asked: answer to q"; });
            Report.Check("after-the-call", delegate
            {
                return news.Subscribe("T") == "subscribed T" && listener.Heard("T 0", "T 1", "T 2");
            });
            Report.Check("one-way", delegate { news.SubscribeOneWay("U"); return listener.Heard("U 99"); });
            Report.Check("nothing-at-all", delegate { return news.AskBack(null) == "asked: answer to " && news.Subscribe(null) == "subscribed "; });
            Report.Check("a-second-client", delegate
            {
                var other = new Listener();
                INews second = channels.News(other);
                bool isRight = second.AskBack("2") == "asked: answer to 2" && second.Subscribe("V") == "subscribed V" && other.Heard("V 0", "V 1", "V 2");
                Channels.Close(second);
                return isRight && !listener.Has("V 0");
            });
            if (!plain) Full(news);
            Report.Check("close", delegate { Channels.Close(news); return Channels.State(news) == "Closed"; });
        }

        /// <summary>What Mono cannot do on either side.</summary>
        private static void Full(INews news)
        {
            Report.Check("many-at-once", delegate
            {
                Task<string>[] asked = Enumerable.Range(0, 32).Select(i => Task.Run(() => news.AskBack(i.ToString()))).ToArray();
                Task.WaitAll(asked);
                return asked.Select((task, i) => task.Result == "asked: answer to " + i).All(right => right);
            });
            Report.Check("fault-of-the-client", delegate
            {
                try { news.AskBack("busy"); return false; }
                catch (FaultException error) { return error.Message == "I am busy, 5 min"; }
            });
        }

        public static void Sessions(Channels channels)
        {
            ICart one = channels.Cart(), other = channels.Cart();
            Report.Check("one-for-each-session", delegate
            {
                return one.Begin("1") == 0 && other.Begin("2") == 0 && one.Put("a") == 1 && other.Put("b") == 1 && one.Put("c") == 2;
            });
            Report.Check("terminating", delegate { one.Note("n"); return one.Finish() == "1: a c (n)"; });
            Report.Check("after-terminating", delegate { return Report.Catch(delegate { one.Put("d"); }) != null; });
            Report.Check("close-after-it", delegate { Channels.Close(one); return Channels.State(one) == "Closed"; });
            Report.Check("others-go-on", delegate { return other.Put("e") == 2; });
            Report.Check("close", delegate { Channels.Close(other); return true; });
            Report.Check("non-initiating", delegate
            {
                IRawCart raw = channels.RawCart();
                bool isRefused = false;
                try { raw.Put("a"); }
                catch (ActionNotSupportedException) { isRefused = true; }
                return isRefused && raw.Begin("3") == 0 && raw.Put("a") == 1;
            });
            Report.Check("terminating-one-way", delegate
            {
                ICart cart = channels.Cart();
                cart.Drop();
                Channels.Close(cart);
                return Channels.State(cart) == "Closed";
            });
        }

        [CallbackBehavior(ConcurrencyMode = ConcurrencyMode.Multiple, UseSynchronizationContext = false)]
        private sealed class Listener : INewsCallback
        {
            private readonly List<string> heard = new List<string>();

            public void OnNews(string text, int number)
            {
                lock (heard) { heard.Add(text + " " + number); Monitor.PulseAll(heard); }
            }

            public string Ask(string question)
            {
                if (question == "busy") throw new FaultException<Busy>(new Busy { Minutes = 5 }, new FaultReason("I am busy"));
                return "answer to " + question;
            }

            public bool Has(string news) { lock (heard) return heard.Contains(news); }

            /// <summary>
            /// Waits for them; each has come once. In which order they are heard is not asked: with ConcurrencyMode.Multiple
            /// WCF gives each message a thread of its own, and these overtake each other.
            /// </summary>
            public bool Heard(params string[] news)
            {
                DateTime end = DateTime.UtcNow.AddSeconds(8);
                lock (heard)
                {
                    while (!news.All(heard.Contains) && DateTime.UtcNow < end) Monitor.Wait(heard, 100);
                    return heard.Where(news.Contains).OrderBy(text => text, StringComparer.Ordinal).SequenceEqual(news);
                }
            }
        }
    }

    /// <summary>The same contract without what .NET's client checks itself.</summary>
    [ServiceContract(Name = "ICart", Namespace = Names.Cart)]
    public interface IRawCart
    {
        [OperationContract]
        int Begin(string owner);

        [OperationContract]
        int Put(string item);
    }
}
