using System;
using System.Collections.Generic;
using System.Globalization;
using System.ServiceModel;
using System.Threading;

namespace Interop
{
    /// <summary>
    /// Both contracts in one class: Mono lets several endpoints share a TCP port only when they belong to
    /// one ServiceHost, and a ServiceHost has one service class.
    /// </summary>
    [ServiceBehavior(InstanceContextMode = InstanceContextMode.PerCall, ConcurrencyMode = ConcurrencyMode.Multiple)]
    public partial class Services : ICalculator, IEcho, INews, IAside, IFiles
    {
        private static volatile string lastNote;

        public double Add(double n1, double n2) { return n1 + n2; }

        public double Subtract(double n1, double n2) { return n1 - n2; }

        public double Multiply(double n1, double n2) { return n1 * n2; }

        public double Divide(double n1, double n2) { return n1 / n2; }

        public string Echo(string text) { return text; }

        public string EchoNullable(string text) { return text; }

        public int Slow(int milliseconds)
        {
            Thread.Sleep(milliseconds);
            return milliseconds;
        }

        public string Fail(string kind)
        {
            switch (kind)
            {
                case "plain":
                    throw new InvalidOperationException("plain failure");
                case "nested":
                    throw new InvalidOperationException("outer failure", new ArgumentException("inner failure"));
                case "fault":
                    throw new FaultException("plain fault");
                case "code":
                    throw new FaultException(new FaultReason("fault with a code"), new FaultCode("Custom", Names.Echo), null);
                case "subcode":
                    throw new FaultException(
                        new FaultReason("fault with a subcode"),
                        FaultCode.CreateSenderFaultCode(new FaultCode("Narrow", Names.Echo)),
                        null);
                case "string":
                    throw new FaultException<string>("detail text", new FaultReason("fault with a string"));
                case "object":
                    throw new FaultException<Problem>(
                        new Problem { Number = 42, Text = "what went wrong" },
                        new FaultReason("fault with an object"));
                default:
                    return kind;
            }
        }

        public string Fill(int length) { return new string('x', length); }

        public double Sum(double[] values)
        {
            double sum = 0;
            foreach (double value in values) sum += value;
            return sum;
        }

        public Pair Swap(Pair pair)
        {
            return new Pair
            {
                A = pair.B.ToString("R", CultureInfo.InvariantCulture),
                B = double.Parse(pair.A, CultureInfo.InvariantCulture),
            };
        }

        public void Note(string text) { lastNote = text; }

        public string LastNote() { return lastNote; }

        public string WhoAmI()
        {
            return OperationContext.Current.EndpointDispatcher.EndpointAddress.Uri.AbsolutePath;
        }

        public bool Flip(bool value) { return !value; }

        public int EchoInt(int value) { return value; }

        public long EchoLong(long value) { return value; }

        public decimal EchoDecimal(decimal value) { return value; }

        public DateTime EchoDateTime(DateTime value) { return value; }

        public TimeSpan EchoTimeSpan(TimeSpan value) { return value; }

        public Guid EchoGuid(Guid value) { return value; }

        public byte[] EchoBytes(byte[] value) { return value; }

        public Order EchoOrder(Order order) { return order; }

        public Rights EchoRights(Rights value) { return value; }

        public Dictionary<string, Customer> EchoCustomers(Dictionary<string, Customer> value) { return value; }

        public Tags EchoTags(Tags value) { return value; }

        public DateTimeOffset EchoOffset(DateTimeOffset value) { return value; }

        public char EchoChar(char value) { return value; }

        public Uri EchoUri(Uri value) { return value; }

        public List<Shape> EchoShapes(List<Shape> value) { return value; }

        public List<Node> EchoNodes(List<Node> value) { return value; }

        public bool TryGet(string key, out int value)
        {
            value = key.Length;
            return value > 0;
        }

        public string WithNames(string text) { return text; }
    }
}
