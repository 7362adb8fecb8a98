using System.IO;
using System.ServiceModel;

namespace Interop
{
    /// <summary>Messages that are no lists of parameters.</summary>
    [ServiceContract(Namespace = Names.Messages)]
    public interface IMessages
    {
        [OperationContract]
        UploadReply Upload(UploadRequest request);

        [OperationContract]
        BareMessage Bare(BareMessage request);

        [OperationContract]
        HeadersOnly Touch(HeadersOnly request);

        [OperationContract(IsOneWay = true)]
        void Tell(UploadRequest request);

        [OperationContract]
        BareStream Carry(BareStream request);

        [OperationContract]
        WrappedStream Wrap(WrappedStream request);

        [OperationContract]
        Tagged Tag(Tagged request);
    }

    [MessageContract(WrapperName = "Upload", WrapperNamespace = "urn:wrapper")]
    public class UploadRequest
    {
        [MessageHeader] public string FileName;
        [MessageHeader(Namespace = "urn:owner", MustUnderstand = true)] public Customer Owner;
        [MessageHeader(Name = "Tag")] public string[] Tags;
        [MessageBodyMember(Order = 1)] public int Size;
        [MessageBodyMember(Order = 2, Namespace = "urn:wrapper")] public string Text;
        [MessageBodyMember(Order = 3, Name = "Last")] public Customer Other;
    }

    [MessageContract]
    public class UploadReply
    {
        [MessageHeader] public string Id;
        [MessageBodyMember] public bool Ok;
    }

    [MessageContract(IsWrapped = false)]
    public class BareMessage
    {
        [MessageBodyMember(Order = 1)] public Customer Customer;
        [MessageBodyMember(Order = 2, Namespace = "urn:bare")] public int[] Numbers;
    }

    [MessageContract(IsWrapped = false)]
    public class HeadersOnly
    {
        [MessageHeader] public int Number;
    }

    [MessageContract(IsWrapped = false)]
    public class BareStream
    {
        [MessageHeader] public string Name;
        [MessageBodyMember] public Stream Data;
    }

    [MessageContract(WrapperName = "Wrapped", WrapperNamespace = "urn:wrapper")]
    public class WrappedStream
    {
        [MessageHeader] public string Name;
        [MessageBodyMember(Namespace = "urn:data")] public Stream Data;
    }

    [MessageContract]
    public class Tagged
    {
        [MessageHeaderArray] public string[] Tags;
        [MessageHeaderArray(Namespace = "urn:numbers")] public int[] Numbers;
        [MessageBodyMember] public int Size;
    }
}
