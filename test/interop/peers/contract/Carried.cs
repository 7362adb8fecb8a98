using System.Collections.Generic;
using System.IO;
using System.ServiceModel;

namespace Interop
{
    /// <summary>What a message carries beside values of one type that both sides know beforehand.</summary>
    public partial interface IEcho
    {
        [OperationContract]
        [ServiceKnownType(typeof(Customer))]
        [ServiceKnownType(typeof(Circle))]
        [ServiceKnownType(typeof(Status))]
        [ServiceKnownType(typeof(Rights))]
        [ServiceKnownType(typeof(int[]))]
        [ServiceKnownType(typeof(Customer[]))]
        [ServiceKnownType(typeof(Dictionary<string, int>))]
        object EchoAny(object value);

        /// <summary>
        /// The header Token, null without one. The answer has the headers Length, that of the token, and Who, that of
        /// the request, if there was one.
        /// </summary>
        [OperationContract]
        string TellHeaders();
    }

    /// <summary>A second contract at the address of the first.</summary>
    [ServiceContract(Name = "IAside", Namespace = Names.Aside)]
    public interface IAside
    {
        [OperationContract]
        string Aside(string text);
    }

    [ServiceContract(Name = "IFiles", Namespace = Names.Files)]
    public interface IFiles
    {
        /// <summary>The same bytes, each one more: all of them are read before the answer begins.</summary>
        [OperationContract]
        Stream Next(Stream data);

        /// <summary>Sum of the bytes.</summary>
        [OperationContract]
        long Sum(Stream data);

        /// <summary>Bytes that count up from 0, as many as these.</summary>
        [OperationContract]
        Stream Counting(int length);
    }
}
