using System;
using System.Collections.Generic;
using System.Runtime.Serialization;
using System.ServiceModel;

namespace Interop
{
    /// <summary>What real contracts have beyond the types of the other operations.</summary>
    public partial interface IEcho
    {
        [OperationContract]
        Order EchoOrder(Order order);

        [OperationContract]
        Rights EchoRights(Rights value);

        [OperationContract]
        Dictionary<string, Customer> EchoCustomers(Dictionary<string, Customer> value);

        [OperationContract]
        Tags EchoTags(Tags value);

        [OperationContract]
        DateTimeOffset EchoOffset(DateTimeOffset value);

        [OperationContract]
        char EchoChar(char value);

        [OperationContract]
        Uri EchoUri(Uri value);

        [OperationContract]
        List<Shape> EchoShapes(List<Shape> value);

        [OperationContract]
        List<Node> EchoNodes(List<Node> value);

        [OperationContract]
        bool TryGet(string key, out int value);

        [OperationContract(Name = "Renamed", Action = "urn:my-action", ReplyAction = "urn:my-reply")]
        [return: MessageParameter(Name = "answer")]
        string WithNames(string text);
    }

    [DataContract(Namespace = Names.Echo)]
    public enum Status
    {
        [EnumMember] New,
        [EnumMember] Paid,
        [EnumMember(Value = "On its way")] Sent,
    }

    [Flags]
    [DataContract(Namespace = Names.Echo)]
    public enum Rights
    {
        [EnumMember] None = 0,
        [EnumMember] Read = 1,
        [EnumMember] Write = 2,
        [EnumMember] Admin = 4,
    }

    [DataContract(Namespace = Names.Echo)]
    public class Customer
    {
        [DataMember] public int Id;
        [DataMember] public string Name;
    }

    [DataContract(Namespace = Names.Echo)]
    public class Order
    {
        [DataMember(Order = 1)] public int Id;
        [DataMember(Order = 2)] public Customer Customer;
        [DataMember(Order = 3)] public Status Status;
        [DataMember(Order = 4, EmitDefaultValue = false)] public string Note;
        [DataMember(Order = 5, EmitDefaultValue = false)] public int Priority;
        [DataMember(Order = 6, IsRequired = true)] public decimal Total;
    }

    [CollectionDataContract(Namespace = Names.Echo, Name = "Tags", ItemName = "Tag")]
    public class Tags : List<string>
    {
    }

    [DataContract(Namespace = Names.Echo)]
    [KnownType(typeof(Circle))]
    [KnownType(typeof(Square))]
    public class Shape
    {
        [DataMember] public string Label;
    }

    [DataContract(Namespace = Names.Echo)]
    public class Circle : Shape
    {
        [DataMember] public double Radius;
    }

    [DataContract(Namespace = "http://example.org/squares")]
    public class Square : Shape
    {
        [DataMember] public double Side;
    }

    [DataContract(Namespace = Names.Echo, IsReference = true)]
    public class Node
    {
        [DataMember] public string Name;
        [DataMember] public Node Next;
    }
}
