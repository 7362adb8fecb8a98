using System;
using System.Runtime.Serialization;
using System.ServiceModel;

namespace Interop
{
    /// <summary>What the sample's contract does not need: other types, faults, one-way calls, calls that take long.</summary>
    [ServiceContract(Name = "IEcho", Namespace = Names.Echo)]
    public partial interface IEcho
    {
        [OperationContract]
        string Echo(string text);

        [OperationContract]
        string EchoNullable(string text);

        /// <summary>Answers after that time, with the same number.</summary>
        [OperationContract]
        int Slow(int milliseconds);

        /// <summary>Fails in the way named; see EchoService. Any other name is given back.</summary>
        [OperationContract]
        [FaultContract(typeof(string))]
        [FaultContract(typeof(Problem))]
        string Fail(string kind);

        /// <summary>A string of that many times the letter x: a long answer to a short question.</summary>
        [OperationContract]
        string Fill(int length);

        [OperationContract]
        double Sum(double[] values);

        /// <summary>A gets B's number as text, B the number in A's text.</summary>
        [OperationContract]
        Pair Swap(Pair pair);

        [OperationContract(IsOneWay = true)]
        void Note(string text);

        /// <summary>The text of the last Note of any caller, null if there was none.</summary>
        [OperationContract]
        string LastNote();

        /// <summary>Path of the address at which this service listens, such as "/pool/1/echo".</summary>
        [OperationContract]
        string WhoAmI();

        [OperationContract]
        bool Flip(bool value);

        [OperationContract]
        int EchoInt(int value);

        [OperationContract]
        long EchoLong(long value);

        [OperationContract]
        decimal EchoDecimal(decimal value);

        [OperationContract]
        DateTime EchoDateTime(DateTime value);

        [OperationContract]
        TimeSpan EchoTimeSpan(TimeSpan value);

        [OperationContract]
        Guid EchoGuid(Guid value);

        [OperationContract]
        byte[] EchoBytes(byte[] value);
    }

    [DataContract(Namespace = Names.Echo)]
    public class Pair
    {
        [DataMember]
        public string A { get; set; }

        [DataMember]
        public double B { get; set; }
    }

    /// <summary>A fault's detail.</summary>
    [DataContract(Namespace = Names.Echo)]
    public class Problem
    {
        [DataMember]
        public int Number { get; set; }

        [DataMember]
        public string Text { get; set; }
    }

    public static class Names
    {
        public const string Echo = "http://example.org/echo";
        public const string Edges = "http://example.org/edges";
        public const string Documents = "http://example.org/documents";
        public const string Messages = "http://example.org/messages";
        public const string Persons = "http://example.org/persons";
        public const string Shop = "http://example.org/shop";
        public const string Cart = "http://example.org/cart";
        public const string Aside = "http://example.org/aside";
        public const string Files = "http://example.org/files";
    }
}
