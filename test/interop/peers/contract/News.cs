using System.ServiceModel;

namespace Interop
{
    /// <summary>What a service says to its clients.</summary>
    public interface INewsCallback
    {
        [OperationContract(IsOneWay = true)]
        void OnNews(string text, int number);

        [OperationContract]
        [FaultContract(typeof(Busy))]
        string Ask(string question);
    }

    [ServiceContract(Namespace = Names.Shop, SessionMode = SessionMode.Required, CallbackContract = typeof(INewsCallback))]
    public interface INews
    {
        [OperationContract]
        string Subscribe(string topic);

        [OperationContract(IsOneWay = true)]
        void SubscribeOneWay(string topic);

        [OperationContract]
        string AskBack(string question);
    }

    /// <summary>Sessions that begin and end with certain operations.</summary>
    [ServiceContract(Namespace = Names.Cart, SessionMode = SessionMode.Required)]
    public interface ICart
    {
        [OperationContract]
        int Begin(string owner);

        [OperationContract(IsInitiating = false)]
        int Put(string item);

        [OperationContract(IsOneWay = true, IsInitiating = false)]
        void Note(string text);

        [OperationContract(IsInitiating = false, IsTerminating = true)]
        string Finish();

        [OperationContract(IsOneWay = true, IsTerminating = true)]
        void Drop();
    }

    [System.Runtime.Serialization.DataContract(Namespace = Names.Shop)]
    public class Busy
    {
        [System.Runtime.Serialization.DataMember]
        public int Minutes { get; set; }
    }
}
