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
}
